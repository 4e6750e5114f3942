"""Decisions without a database or a clock.

``gate`` folds the rules over facts; ``windows`` reads hours; ``policy`` compiles rule packs; ``places`` finds where a
person may be; ``replies`` understands what people answer.
"""
