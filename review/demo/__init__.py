"""A small data platform before and after a pull request: what `data-review demo` reviews.

`base/` and `head/` hold whole trees, committed one after the other into a throwaway repository. They are data: nothing
here is imported or run. The defects are ones that real teams merged.
"""
