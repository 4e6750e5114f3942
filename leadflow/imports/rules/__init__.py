"""Pure decisions of an import: how a file is written, which vendor made it, what a cell and a row say."""
