"""Personal data of the e-sign service: papers, what they were made from, and signing keys."""

from haidang.esign.personal.office import PapersPart

__all__ = ["PapersPart"]
