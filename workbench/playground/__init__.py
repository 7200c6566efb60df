"""The playground's model: what a prompt holds, how it is sent, and what came of it. It knows no widget."""
