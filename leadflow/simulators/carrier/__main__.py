"""``python -m leadflow.simulators.carrier``: run the carrier simulator."""

import sys

from leadflow.simulators.carrier.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
