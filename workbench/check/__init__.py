"""Whether the lessons can run here, asked before the first of them: `python -m workbench.check`."""
