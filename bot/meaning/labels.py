"""What the network can say about a message: the names of its answers, in a fixed order."""

from __future__ import annotations

CONCERNS = (
    "language_communication",
    "social_emotional",
    "behavior",
    "movement_physical",
    "cognitive_learning",
    "hearing_vision",
    "feeding_eating",
    "sleep",
    "toileting",
    "sensory",
    "regression",
    "autism_question",
    "medical_health",
    "family_support",
    "housing_lead",
    "asthma_breathing",
    "injury_violence",
)

# Category and level of a danger, the pairs of content/safety; the first name means that there is none.
NO_DANGER = "none"
DANGERS = (
    NO_DANGER,
    "battery_or_poison/emergency",
    "breathing_emergency/emergency",
    "seizure/emergency",
    "seizure/urgent_same_day",
    "suicide_self_harm/emergency",
    "abuse_violence/emergency",
    "abuse_violence/urgent_same_day",
    "infant_emergency/emergency",
    "infant_emergency/urgent_same_day",
    "head_injury/emergency",
    "head_injury/urgent_same_day",
    "lead_exposure/urgent_same_day",
    "parent_crisis/emergency",
    "parent_crisis/priority_follow_up",
    "child_crisis/urgent_same_day",
    "other_emergency/emergency",
    "other_emergency/priority_follow_up",
)

OUT_OF_SCOPE = "out_of_scope"
