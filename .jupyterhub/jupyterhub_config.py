"""Settings of a JupyterHub for the lessons: `jupyterhub -f .jupyterhub/jupyterhub_config.py`."""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821 - JupyterHub puts this name here

# Everybody with an account on this server. Replace it by a list of names, or by your own sign-in.
c.Authenticator.allow_all = True

# Learners get the JupyterLab, the kernel and the helpers of the environment that the hub runs in.
c.Spawner.cmd = [str(Path(sys.executable).with_name("jupyterhub-singleuser"))]
c.Spawner.default_url = "/lab"

# The endpoint, the key and the deployments of the room, if the hub is started with them. With none, each notebook works
# offline.
ROOM = ("AZURE_INFERENCE_", "LESSON_")
c.Spawner.environment = {name: value for name, value in os.environ.items() if name.startswith(ROOM)}
address = os.environ.get("AZURE_INFERENCE_ENDPOINT", "offline")
said = "an offline endpoint of its own, in each notebook" if address == "offline" else address
print(f"The learners' requests go to: {said}")

# A kernel that has read a picture holds half a gigabyte. It ends after an hour without work, though its page is open,
# and a learner's server two hours after that; both begin anew when they are needed.
c.Spawner.args = [
    "--MappingKernelManager.cull_idle_timeout=3600",
    "--MappingKernelManager.cull_connected=True",
    "--ServerApp.shutdown_no_activity_timeout=7200",
    # README's pictures and .env.example have names that begin with a dot.
    "--ContentsManager.allow_hidden=True",
]

# A lesson's readers need about one gigabyte. Spawners that can, such as SystemdSpawner, hold learners to it.
c.Spawner.mem_limit = "2G"
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 120
c.JupyterHub.concurrent_spawn_limit = 10
