"""Staff coming and going: invitations, what was done at enrolment, recoveries, leavers, shared tablets, and the trail of roles."""

from clinic.staff.models.enrolment import Enrolment
from clinic.staff.models.held_role import HeldRole
from clinic.staff.models.invitation import INVITATION_LASTS, Invitation
from clinic.staff.models.leaver import Leaver
from clinic.staff.models.planned_leave import PlannedLeave
from clinic.staff.models.recovery import RECOVERY_LASTS, Recovery
from clinic.staff.models.tablet import MOST_WRONG, TABLET_LASTS, Tablet, TabletPin

__all__ = [
    "INVITATION_LASTS",
    "MOST_WRONG",
    "RECOVERY_LASTS",
    "TABLET_LASTS",
    "Enrolment",
    "HeldRole",
    "Invitation",
    "Leaver",
    "PlannedLeave",
    "Recovery",
    "Tablet",
    "TabletPin",
]
