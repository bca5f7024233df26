"""When few people use a cluster, so that backups and maintenance disturb the fewest."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.places import Region


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """Two hours of a region's night, in UTC: backups run in the first, maintenance in the second.

    Maintenance is on the night to Wednesday: the whole of the next day is a working day everywhere.
    """

    backup_hour: int
    """Hour of the day, 0 to 22."""
    maintenance_day: str
    """Weekday in UTC as AWS abbreviates it, such as ``tue``."""

    @property
    def maintenance_hour(self) -> int:
        """The hour after the backup."""
        return self.backup_hour + 1

    @property
    def backup_window(self) -> str:
        """``hh:mm-hh:mm``, the form of RDS and ElastiCache."""
        return f"{self.backup_hour:02}:00-{self.maintenance_hour:02}:00"

    @property
    def maintenance_window(self) -> str:
        """``ddd:hh:mm-ddd:hh:mm``, the form of RDS and ElastiCache."""
        day, hour = self.maintenance_day, self.maintenance_hour
        return f"{day}:{hour:02}:00-{day}:{hour + 1:02}:00"


QUIET_HOURS = {
    # 01:00 in Ho Chi Minh City and Bangkok, 02:00 in Singapore, Beijing and Manila.
    Region.SINGAPORE: QuietHours(backup_hour=18, maintenance_day="tue"),
    Region.BEIJING: QuietHours(backup_hour=18, maintenance_day="tue"),
    # 03:00 in winter in New York, midnight in Los Angeles.
    Region.VIRGINIA: QuietHours(backup_hour=8, maintenance_day="wed"),
}
"""By region; the clusters' users live in and around it (M§14.4)."""
