"""Rules about text that works on whoever reads the change, whatever language it stands in."""
