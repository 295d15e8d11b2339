"""The concern domains: what a worry can be about.

Understanding, triage, routing and the console all sort worries into these and only these.
"""

from __future__ import annotations

from enum import StrEnum


class ConcernDomain(StrEnum):
    """The subject of a worry; one message may hold several."""

    LANGUAGE_COMMUNICATION = "language_communication"
    SOCIAL_EMOTIONAL = "social_emotional"
    BEHAVIOR = "behavior"
    MOVEMENT_PHYSICAL = "movement_physical"
    COGNITIVE_LEARNING = "cognitive_learning"
    HEARING_VISION = "hearing_vision"
    FEEDING_EATING = "feeding_eating"
    SLEEP = "sleep"
    TOILETING = "toileting"
    SENSORY = "sensory"
    REGRESSION = "regression"
    AUTISM_QUESTION = "autism_question"
    MEDICAL_HEALTH = "medical_health"
    FAMILY_SUPPORT = "family_support"
    HOUSING_LEAD = "housing_lead"
    ASTHMA_BREATHING = "asthma_breathing"
    INJURY_VIOLENCE = "injury_violence"
