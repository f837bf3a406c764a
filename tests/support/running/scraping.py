"""Reading what `/metrics` says."""

from typing import Any

from prometheus_client.parser import text_string_to_metric_families


class Scrape:
    """The samples of one answer of `/metrics`."""

    def __init__(self, client: Any) -> None:
        response = client.get("/metrics")
        assert response.status_code == 200
        self.content_type = response.headers["Content-Type"]
        self.families = {family.name: family for family in text_string_to_metric_families(response.text)}
        self.samples = [sample for family in self.families.values() for sample in family.samples]

    def total(self, name: str, **labels: str) -> float:
        """The sum of the samples of that name whose labels are these, and maybe others."""
        return sum(s.value for s in self.samples if s.name == name and labels.items() <= s.labels.items())

    def values(self, name: str, label: str) -> set[str]:
        """What values a label has."""
        return {sample.labels[label] for sample in self.samples if sample.name == name}
