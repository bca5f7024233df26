"""Rules that hold for every stack: one implementation for ``smp check``, for plans and for Pulumi's own policy runs.

Each family of rules has a module; ``policies.pack`` lists them all. Rules judge ``ResourceView``s, plain values
that come from a plan, an export or a preview alike; nothing here talks to a cloud or knows how the resources
were made.
"""
