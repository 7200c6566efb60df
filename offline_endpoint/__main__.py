"""Run the offline endpoint on its own: `python -m offline_endpoint`."""

from __future__ import annotations

import argparse
import os
import socket

from offline_endpoint.wire.deployments import DEPLOYMENTS
from offline_endpoint.wire.limits import is_loopback


def main() -> None:
    """Read the command line and serve until interrupted."""
    parser = argparse.ArgumentParser("python -m offline_endpoint", description="Run the offline endpoint.")
    option = parser.add_argument
    option("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    option("--port", type=int, default=8765, help="port to listen on (default: 8765)")
    key_help = "what callers must send (default: AZURE_INFERENCE_CREDENTIAL; without it any key will do)"
    option("--key", help=key_help)
    routes = ("v1", "models", "both")
    option("--routes", choices=routes, default="both", help="which routes there are (default: both)")
    one_help = f"serve one deployment, which requests need not name: {', '.join(DEPLOYMENTS)} (default: all)"
    option("--deployment", metavar="NAME", choices=sorted(DEPLOYMENTS), help=one_help)
    name_help = "host name that callers reach this computer by, beside its addresses; several are taken"
    option("--name", action="append", default=[], help=name_help)
    options = parser.parse_args()
    key = options.key or os.environ.get("AZURE_INFERENCE_CREDENTIAL") or None
    if not 0 < options.port < 65536:
        parser.error(f"--port {options.port}: a port is a number from 1 to 65535.")
    if key is None and not is_loopback(options.host):
        parser.error(
            "--host: other machines can reach this address, so a key is needed: set AZURE_INFERENCE_CREDENTIAL "
            "or give --key."
        )
    try:
        socket.create_server((options.host, options.port)).close()
    except OSError as error:
        parser.error(f"cannot listen on {options.host} port {options.port}: {error.strerror or error}.")

    from offline_endpoint.server import run

    base = f"http://{options.host}:{options.port}"
    if options.routes != "v1":
        print(f"Offline endpoint for ChatCompletionsClient: {base}/models")
    if options.routes != "models":
        print(f"Offline endpoint for the openai client:     {base}/openai/v1/")
    if not is_loopback(options.host):
        # The key is left out: this may stand on a screen that everybody sees.
        origin = f"http://<the address of this computer, in numbers>:{options.port}"
        print(
            "It is a reader and no language model: tell the room, and that its answers are named offline-reader."
        )
        print("Others write into their .env:")
        print(f"AZURE_INFERENCE_ENDPOINT={origin}{'/openai/v1' if options.routes == 'v1' else '/models'}")
        print("AZURE_INFERENCE_CREDENTIAL=<the key>")
        print(f"LESSON_SAMPLES_URL={origin}/samples")
    print("Press Ctrl+C to stop.", flush=True)
    offered = {"key": key, "routes": options.routes, "deployment": options.deployment}
    is_room = not is_loopback(options.host)
    run(host=options.host, port=options.port, names=options.name, reads_samples=is_room, **offered)


if __name__ == "__main__":
    main()
