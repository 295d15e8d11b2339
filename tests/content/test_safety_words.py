"""Safety words against what parents write: every trigger in both languages, and what only looks like one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from intake.content.safety import SafetyContent, load_safety
from intake.rules.safety import SafetyHit, SafetyLevel, find_safety

CONTENT = Path(__file__).parents[2] / "content"


@cache
def safety() -> SafetyContent:
    return load_safety(CONTENT / "safety")


def found(text: str, true_age_days: int | None = None) -> SafetyHit | None:
    return find_safety(text, safety().lexicon, true_age_days=true_age_days)


EMERGENCIES = [
    ("E1", "not breathing", "she is not breathing"),
    ("E1", "apostrophe left out", "hes not breathing help"),
    ("E1", "capitals and no full stops", "MY BABY ISNT BREATHING PLEASE HELP"),
    ("E1", "curly apostrophe", "He can’t breathe"),
    ("E1", "blue", "my son turned blue"),
    ("E1", "choking now", "my daughter is choking on a grape"),
    ("E1", "a typing error", "hes chokking on food"),
    ("E1", "another typing error", "she is not brething"),
    ("E1", "stretched letters", "heeelp he cant breatheee"),
    ("E1", "a comma after no", "No, she is choking!"),
    ("E1", "after an ordinary answer", "yes he points. wait hes choking"),
    ("E1", "night breathing (W21): asked about, never overheard", "she stops breathing at night"),
    ("E1", "spanish", "mi bebé no respira"),
    ("E1", "spanish, being", "no está respirando"),
    ("E1", "spanish without accents", "mi nena no esta respirando"),
    ("E1", "spanish, said twice", "no no respira ayuda"),
    ("E1", "spanish choking", "se está ahogando con una uva"),
    ("E1", "spanish choking, spelled by ear", "mi nene se esta aogando"),
    ("E1", "spanish choking, other verb", "se atragantó con comida"),
    ("E1", "spanish purple", "se puso morado"),
    ("E1", "spanish cannot", "mi hijo no puede respirar"),
    ("E2", "will not wake", "I can't wake my baby up"),
    ("E2", "will not wake, short", "she wont wake up"),
    ("E2", "unconscious misspelled", "he is unconcious"),
    ("E2", "limp", "my baby went limp"),
    ("E2", "passed out", "he passed out"),
    ("E2", "spanish will not wake", "mi niña no despierta"),
    ("E2", "spanish cannot wake", "no la puedo despertar"),
    ("E2", "spanish no reaction", "el bebe no reacciona"),
    ("E2", "spanish fainted", "mi hijo se desmayó"),
    ("E3", "seizure now", "my son is having a seizure"),
    ("E3", "seizure misspelled", "hes having a siezure right now"),
    ("E3", "seizing", "she's seizing"),
    ("E3", "rolled eyes", "his eyes rolled back and he is shaking"),
    ("E3", "spanish", "le está dando una convulsión"),
    ("E3", "spanish misspelled", "mi nino esta combulsionando"),
    ("E3", "spanish, white eyes", "tiene los ojos en blanco y tiembla"),
    ("E4", "head and vomiting", "she hit her head and is throwing up"),
    ("E4", "fall and sleepy", "he fell off the bed and now he is very sleepy"),
    ("E4", "fell from a window", "he fell out of the window"),
    ("E4", "spanish head and vomit", "se golpeó la cabeza y está vomitando"),
    ("E4", "spanish fall and sleepy", "se cayó de la cama y está muy dormido"),
    ("E5", "battery", "he swallowed a battery"),
    ("E5", "battery misspelled", "I think my son swalowed a batery"),
    ("E5", "suspicion is enough", "the remote battery is missing and she might have eaten it"),
    ("E5", "up the nose", "there's a button battery in her nose"),
    ("E5", "yesterday counts in full", "my son swallowed a button battery yesterday"),
    ("E5", "magnets", "she ate two magnets"),
    ("E5", "spanish", "se tragó una pila"),
    ("E5", "spanish, other word", "mi hijo se trago una bateria de boton"),
    ("E5", "spanish nose", "tiene una pila en la nariz"),
    ("E6", "bleach", "she drank bleach"),
    ("E6", "cleaner", "my toddler swallowed some cleaner"),
    ("E6", "pod", "he ate a tide pod"),
    ("E6", "medicine got into", "he got into my blood pressure pills"),
    ("E6", "whole bottle", "she ate the whole bottle of tylenol"),
    ("E6", "too much medicine", "I gave him too much tylenol"),
    ("E6", "edible", "my 3 year old son ate an edible"),
    ("E6", "collapsed", "she took my pills and is really drowsy"),
    ("E6", "spanish bleach", "se tomó cloro"),
    ("E6", "spanish medicine", "mi nene se tragó mis pastillas"),
    ("E6", "spanish cleaner", "mi hija tomó fabuloso"),
    ("E6", "swallowed coin", "he swallowed a penny"),
    ("E7", "says wants to die", "my daughter says she wants to die"),
    ("E7", "kill himself", "he said he is going to kill himself"),
    ("E7", "not live", "my son doesn't want to live anymore"),
    ("E7", "spanish", "mi hijo dice que se quiere morir"),
    ("E7", "spanish kill", "mi hija dice que quiere matarse"),
    ("E8", "want to die", "I want to die"),
    ("E8", "kill myself", "i want to kill myself"),
    ("E8", "no wish to live", "I don't want to live anymore"),
    ("E8", "better off", "my kids would be better off without me"),
    ("E8", "fear of hurting", "im scared im going to hurt my baby"),
    ("E8", "does not want to but fears", "I don't want to hurt my baby but i cant stop thinking about it"),
    ("E8", "shake", "i feel like i might shake the baby"),
    ("E8", "end of the rope", "I can't take this anymore"),
    ("E8", "spanish", "me quiero morir"),
    ("E8", "spanish not live", "ya no quiero vivir"),
    ("E8", "spanish hurting", "tengo miedo de hacerle daño a mi bebé"),
    ("E8", "spanish cannot bear", "ya no aguanto más"),
    ("E9", "now", "my husband is hitting me"),
    ("E9", "threat to kill", "my ex is trying to kill us"),
    ("E9", "spanish now", "mi marido me está pegando"),
    ("E9", "spanish threat", "mi pareja me quiere matar"),
    ("E10", "shaken", "i shook the baby"),
    ("E10", "shaken by another", "my boyfriend shook the baby"),
    ("E10", "spanish shaken", "sacudí al bebé"),
    ("E11", "hard to breathe", "she is having trouble breathing"),
    ("E11", "asthma", "asthma attack and the inhaler is not working"),
    ("E11", "swelling", "his lips are swelling after eating peanuts"),
    ("E11", "bleeding", "it won't stop bleeding"),
    ("E11", "drowning", "my son almost drowned in the pool"),
    ("E11", "burn", "she got burned badly with hot water"),
    ("E11", "carbon monoxide", "the carbon monoxide alarm is going off"),
    ("E11", "spanish hard to breathe", "le cuesta respirar"),
    ("E11", "spanish asthma", "tiene un ataque de asma"),
    ("E11", "spanish bleeding", "no para de sangrar"),
    ("E11", "spanish burn", "se quemó con agua caliente"),
    ("U1", "fever in a newborn", "my newborn has a fever"),
    ("U1", "fever at three weeks", "my 3 week old has a fever of 101"),
    ("U1", "fever at ten days", "10 days old with temp 100.4"),
    ("U1", "spanish newborn fever", "mi recién nacido tiene fiebre"),
    ("U1", "fever and stiff neck", "fever and a stiff neck"),
    ("P1", "sudden loss", "all of a sudden she can't walk"),
    ("E1", "two letters short", "shes nt breathing"),
    ("E3", "spanish plural", "tiene convulsiones"),
    ("E5", "a magnet", "baby swallowed a tiny magnet"),
    ("E5", "put up the nose", "se metió una pila por la nariz"),
    ("E6", "berries, spanish", "se comió unas bayas del patio"),
    ("E6", "overdose", "overdose"),
    ("E7", "be dead", "my son keeps saying he wants to be dead"),
    ("E8", "feels like", "i feel like hurting my baby"),
    ("E8", "spanish, taking a life", "a veces pienso en quitarme la vida"),
    ("E9", "gun", "there's a gun and he is pointing it at us"),
    ("E11", "fell in the pool", "my toddler fell in the pool"),
]

SAME_DAY = [
    ("E9", "in front of the children", "he hits me in front of the kids"),
    ("E10", "the writer is the child", "my stepdad touches me"),
    ("E10", "spanish abuse", "creo que alguien está abusando de mi hijo"),
    ("E10", "bruises", "the daycare teacher grabbed my son and left bruises"),
    ("E3", "spells", "my baby has staring spells"),
    ("E3", "spasms", "I think they are infantile spasms"),
    ("E3", "spanish spasms", "mi bebe tiene espasmos"),
    ("E4", "no danger sign", "she hit her head"),
    ("E4", "fall from a bed", "my baby rolled off the bed"),
    ("E4", "spanish", "se golpeó la cabeza"),
    ("E4", "spanish fall", "se me cayó el bebé"),
    ("E9", "partner hits", "my boyfriend hits me"),
    ("E9", "afraid", "I'm scared of my husband"),
    ("E9", "spanish", "mi esposo me pega"),
    ("E9", "spanish afraid", "le tengo miedo a mi esposo"),
    ("E9", "spanish at home", "hay violencia en mi casa"),
    ("E10", "touched", "someone touched my daughter"),
    ("E10", "uncle", "his uncle touched her private parts"),
    ("E10", "babysitter", "the babysitter hits my son"),
    ("E10", "left alone", "the neighbor leaves her kids home alone"),
    ("E10", "spanish", "el padrastro le pega a mi hija"),
    ("E10", "spanish touched", "un hombre tocó a mi niña"),
    ("E10", "spanish left alone", "dejan a los niños solos en la casa"),
    ("U1", "fever at two months", "my 2 month old has a fever"),
    ("U1", "fever at eight weeks", "8 weeks old, fever 101"),
    ("U1", "spanish", "mi bebe de dos meses tiene fiebre"),
    ("U2", "paint chips", "he eats paint chips"),
    ("U2", "peeling", "the paint is peeling in our apartment"),
    ("U2", "high test", "her lead test came back high"),
    ("U2", "spanish", "mi hijo se come la pintura de la pared"),
    ("U2", "spanish peeling", "la pintura se está descascarando"),
    ("U2", "spanish level", "tiene el plomo alto"),
    ("U3", "threatens sister", "my son is threatening to stab his sister"),
    ("U3", "out of control", "she's out of control and hitting everyone"),
    ("U3", "spanish", "mi hijo amenaza con matar a su hermana"),
    ("P2", "few wet diapers", "only one wet diaper today"),
    ("P2", "will not nurse", "my newborn won't nurse"),
    ("P2", "yellow", "his eyes look yellow"),
    ("P2", "weight", "she is not gaining weight"),
    ("P2", "spanish", "no moja pañales desde ayer"),
    ("P2", "spanish yellow", "tiene la piel amarilla"),
    ("P2", "spanish nurse", "mi recién nacida no quiere mamar"),
]

PRIORITY = [
    ("P1", "spanish forgotten words", "se le olvidaron las palabras que decía"),
    ("P3", "no one to help", "I have no one to help me"),
    ("P1", "stopped talking", "he stopped talking"),
    ("P1", "used to", "she used to say mama but not anymore"),
    ("P1", "lost words", "my son lost his words"),
    ("P1", "spanish", "dejó de hablar"),
    ("P1", "spanish no more", "antes decía mamá y ya no dice nada"),
    ("P1", "spanish lost", "perdió las palabras que tenía"),
    ("P3", "overwhelmed", "I'm so overwhelmed and I have no help"),
    ("P3", "postpartum", "I think I have postpartum depression"),
    ("P3", "spanish", "estoy agotada y nadie me ayuda"),
    ("P3", "spanish postpartum", "tengo depresión posparto"),
]

LOOK_ALIKES = [
    ("crawling gave way to walking (T4)", "he used to crawl but now he walks"),
    ("weaned", "he stopped breastfeeding"),
    ("weaned, spanish", "dejó el pecho"),
    ("born with jaundice", "she had jaundice at birth"),
    ("hits herself", "she hits herself when upset"),
    ("gags on food", "he gags on food"),
    ("throws themselves down", "throws himself on the floor"),
    ("shoot a text", "shoot me a text"),
    ("spanish husband", "mi esposo dice que exagero"),
    ("spanish ears", "no voltea cuando lo llamo"),
    ("button as a skill", "she does up her buttons"),
    ("button as a skill, spanish", "no puede abrochar los botones"),
    ("hits toys together", "he hits two blocks together"),
    ("bangs", "he bangs two things together"),
    ("kicks a ball", "she kicks a ball"),
    ("shots are vaccines", "he got his shots today"),
    ("dying to know", "I'm dying to know what the doctor says"),
    ("clothes that fit", "his shoes don't fit"),
    ("tantrum", "she throws a fit when we leave"),
    ("pulls to stand", "he pulls to stand"),
    ("leads the way", "she likes to lead the way"),
    ("drops things", "he drops his spoon a lot"),
    ("costume", "she was Poison Ivy for Halloween"),
    ("idiom", "I could kill for a nap"),
    ("idiom, killing me", "these tantrums are killing me"),
    ("laughing", "we died laughing"),
    ("no battery problem", "the toy battery died"),
    ("battery and cake", "he ate cake batter"),
    ("phone", "sorry my phone battery died"),
    ("name", "he doesn't respond to his name"),
    ("name, being", "she is not responding to her name"),
    ("call", "he isn't responsive when I call him"),
    ("sounds", "she does not make sounds yet"),
    ("bed wetting", "he doesn't wake up at night to pee"),
    ("toddler hits mother", "he hits me and bites his sister"),
    ("a child hitting", "he won't stop hitting"),
    ("biting", "how do I get her to stop biting"),
    ("head banging", "he bangs his head on the wall when he is mad"),
    ("shakes head", "he shakes his head no"),
    ("breath holding", "she holds her breath when she is mad"),
    ("denied breathing", "no breathing problems"),
    ("denied seizure", "he has never had a seizure"),
    ("denied seizures", "no seizures"),
    ("denied choking", "she is not choking"),
    ("denied suicide", "I am not suicidal"),
    ("denied swallowing", "no he didn't swallow the battery"),
    ("long past seizure", "he had a seizure last year"),
    ("long past choking", "she choked when she was a baby"),
    ("prevention", "how do I prevent choking"),
    ("epilepsy as history", "my brother has epilepsy"),
    ("medicine taken", "he takes medicine every day for allergies"),
    ("medicine refused", "she won't swallow her medicine"),
    ("picky", "he only eats chicken nuggets"),
    ("fever in an older child", "my 3 year old had a fever yesterday"),
    ("limping", "he walks with a limp"),
    ("blue", "her favorite color is blue"),
    ("alone", "he likes to play alone"),
    ("leave me alone", "leave me alone"),
    ("touches self", "he touches his private parts a lot"),
    ("afraid of dark", "she is afraid of the dark"),
    ("falls asleep", "she falls asleep late"),
    ("head start", "he goes to head start"),
    ("lead test fine", "his lead test was normal"),
    ("asks for lead test", "should he get a lead test"),
    ("first words", "he says about 5 words"),
    ("tip toes", "she walks on her toes and spins"),
    ("cooking", "she likes pretend cooking"),
    ("short answers", "not yet"),
    ("no", "no"),
    ("yes", "si"),
    ("date", "12/3/2023"),
    ("sleep", "he wakes up every night crying"),
    ("drinks fine", "she drinks milk from a cup"),
    ("swallow food", "he has trouble swallowing food"),
    ("spanish name", "no responde a su nombre"),
    ("spanish call", "no reacciona cuando lo llamo"),
    ("spanish tantrum", "le dan ataques de rabia"),
    ("spanish laughing", "se muere de risa"),
    ("spanish denied", "no ha tenido convulsiones"),
    ("spanish denied swallow", "no se tragó la pila"),
    ("spanish past", "tuvo una convulsión el año pasado"),
    ("spanish not eating", "ya no quiere comer"),
    ("spanish few words", "no más palabras"),
    ("spanish hits toys", "golpea dos juguetes"),
    ("spanish child hits", "pega y muerde a su hermano"),
    ("spanish plays alone", "le gusta jugar solo"),
    ("spanish idiom", "me muero de ganas de saber"),
    ("spanish pile", "tengo una pila de ropa"),
    ("spanish medicine", "toma medicina todos los días"),
    ("spanish foot", "camina en puntas de pie"),
    ("spanish breathing fine", "no tiene problemas para respirar"),
    ("spanish few words yet", "todavía no habla mucho"),
    ("spanish does not walk", "no camina todavía"),
]

UNCLEAR = [
    ("D3: had, no time given", "he had a seizure", "E3"),
    ("D3: at night", "she stops breathing at night", "E1"),
    ("D3: what if", "what do I do if my baby is choking", "E1"),
    ("D3: yesterday", "he was choking yesterday", "E1"),
    ("D3: but fine now", "she choked but she is ok now", "E1"),
    ("D3: has seizures", "my son has seizures", "E3"),
    ("D3: past wish to die is asked about", "I wanted to kill myself last year", "E8"),
    ("D3: spanish yesterday", "ayer le dio una convulsión", "E3"),
    ("D3: spanish at night", "a veces deja de respirar de noche", "E1"),
]


def named(rows: list[tuple[str, ...]]) -> list[str]:
    return [f"{row[0]}-{row[1]}" if len(row) == 3 and row[0][0] in "EUP" else row[0] for row in rows]


@pytest.mark.parametrize(("trigger", "remark", "text"), EMERGENCIES, ids=named(EMERGENCIES))
def test_an_emergency_is_heard(trigger: str, remark: str, text: str) -> None:
    hit = found(text)
    assert hit is not None, remark
    assert (hit.trigger, hit.level) == (trigger, SafetyLevel.EMERGENCY), hit


@pytest.mark.parametrize(("trigger", "remark", "text"), SAME_DAY, ids=named(SAME_DAY))
def test_what_needs_a_call_today_is_heard(trigger: str, remark: str, text: str) -> None:
    hit = found(text)
    assert hit is not None, remark
    assert (hit.trigger, hit.level) == (trigger, SafetyLevel.URGENT_SAME_DAY), hit


@pytest.mark.parametrize(("trigger", "remark", "text"), PRIORITY, ids=named(PRIORITY))
def test_what_must_not_wait_in_line_is_heard(trigger: str, remark: str, text: str) -> None:
    hit = found(text)
    assert hit is not None, remark
    assert (hit.trigger, hit.level) == (trigger, SafetyLevel.PRIORITY_FOLLOW_UP), hit


@pytest.mark.parametrize(("remark", "text"), LOOK_ALIKES, ids=named(LOOK_ALIKES))
def test_what_only_looks_like_danger_is_none(remark: str, text: str) -> None:
    assert found(text) is None, remark


@pytest.mark.parametrize(("remark", "text", "trigger"), UNCLEAR, ids=named(UNCLEAR))
def test_an_unclear_time_is_asked_about(remark: str, text: str, trigger: str) -> None:
    hit = found(text)
    assert hit is not None, remark
    assert (hit.trigger, hit.unclear) == (trigger, True), hit


@pytest.mark.parametrize(
    "text", ["he is not breathing", "she swallowed a battery", "me quiero morir", "se tragó una pila"]
)
def test_d3_what_is_plainly_now_is_not_asked_about(text: str) -> None:
    hit = found(text)
    assert hit is not None and not hit.unclear


def test_d5_the_highest_level_wins_and_911_comes_before_a_hotline() -> None:
    hit = found("he eats paint chips and he drank bleach and now he is not breathing")
    assert hit is not None and hit.trigger in {"E1", "E6"} and hit.situation in {"not_breathing", "poison_collapsed"}


def test_d9_a_fever_without_an_age_goes_by_the_true_age_when_it_is_known() -> None:
    assert found("he has a fever", None) is None
    assert found("he has a fever", 400) is None
    newborn, young = found("he has a fever", 20), found("tiene fiebre", 80)
    assert newborn is not None and newborn.level is SafetyLevel.EMERGENCY
    assert young is not None and young.level is SafetyLevel.URGENT_SAME_DAY


def test_now_outweighs_a_past_in_the_same_sentence() -> None:
    hit = found("he had a seizure last year and he is having a seizure right now")
    assert hit is not None and not hit.unclear


def test_every_trigger_of_the_rules_has_a_situation() -> None:
    wanted = {f"E{n}" for n in range(1, 12)} | {"U1", "U2", "U3", "P1", "P2", "P3"}
    assert {situation.trigger for situation in safety().lexicon.situations.values()} == wanted
