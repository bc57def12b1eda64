"""heelrise counts and coaches the single-leg calf raise from one ordinary camera."""

__version__ = "0.1.0"
