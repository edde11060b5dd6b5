"""A rendered review onto one surface each: `Published`, or `NotPublished` with the reason."""
