"""Simulators: separate processes that speak the real dialects of carriers and data providers.

They know nothing of the application (only the kernel's clock) and keep their own books, so that what they
saw can be held against what the application believes. They listen on loopback only.
"""
