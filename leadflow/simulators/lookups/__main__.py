"""``python -m leadflow.simulators.lookups``: run the look-up simulator."""

import sys

from leadflow.simulators.lookups.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
