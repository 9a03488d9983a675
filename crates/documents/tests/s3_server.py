"""An S3 server for the tests.

Prints one JSON line with its port, and runs until its standard input ends.
"""

import json
import logging
import sys

from moto.server import ThreadedMotoServer

# Standard output carries one line of JSON and nothing else.
answers, sys.stdout = sys.stdout, sys.stderr
logging.getLogger("werkzeug").setLevel(logging.ERROR)

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
_, port = server.get_host_and_port()
print(json.dumps({"port": port}), file=answers, flush=True)
sys.stdin.read()
