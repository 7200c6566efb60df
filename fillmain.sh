. /tmp/w33s/env.sh; cd /tmp/w33s
nice -n 10 python fill.py 500010 1 bar; nice -n 10 python fill.py 500011 1 stacked_bar
