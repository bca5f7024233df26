"""Providers are chosen, never made up by the engine: that is how a region and an account are certain."""

from __future__ import annotations

from collections.abc import Iterator

from policies.rules import Family, Level, Rule, Violation, on, unproven
from policies.values import Opaque, as_list
from policies.views import StackView, decoded


def _explicit(stack: StackView) -> Iterator[Violation]:
    # The engine's own resources, such as stack references, have no provider of ours.
    made = [resource for resource in stack.made() if resource.package != "pulumi"]
    if made and not any(resource.provider for resource in made):
        # Pulumi's own states and previews always name it: this is about the file, not about a resource.
        yield Violation(
            urn="",
            detail="no resource names its provider, so regions and accounts are judged by properties alone",
            level=Level.ADVISORY,
        )
        return
    for resource in made:
        if resource.provider is None:
            yield on(resource, "has no provider; whatever the environment offers would be taken")
        elif resource.provider.is_default:
            yield on(resource, f"uses the default provider {resource.provider.name} of {resource.package}")


def _bound_to_account(stack: StackView) -> Iterator[Violation]:
    for provider in stack.of_type("pulumi:providers:aws"):
        allowed = decoded(provider.get("allowedAccountIds"))
        if isinstance(allowed, Opaque):
            yield unproven(provider, "allowedAccountIds", allowed)
        elif len(as_list(allowed)) != 1:
            yield on(provider, "does not name the one account it may change (allowedAccountIds)")
    for provider in stack.of_type("pulumi:providers:alicloud"):
        account = provider.get("accountId")
        if isinstance(account, Opaque):
            yield unproven(provider, "accountId", account)
        elif not account:
            yield on(provider, "does not name its account (accountId)")


RULES = (
    Rule(
        id="provider-explicit",
        family=Family.RESIDENCY,
        sentence="Every resource names its provider; no default provider is in use.",
        source="M§14.3: the provider decides region and account",
        level=Level.MANDATORY,
        remedy="pass provider= or a parent with providers=, and keep default providers disabled",
        judge=_explicit,
    ),
    Rule(
        id="provider-account",
        family=Family.ACCESS,
        sentence="Every cloud provider is bound to the one account it may change.",
        source="M§14.6: clusters are independent",
        level=Level.MANDATORY,
        remedy="set allowed_account_ids (AWS) or account_id (Alibaba Cloud) to the stack's smp:account",
        judge=_bound_to_account,
    ),
)
