"""What pages and papers both say to a coordinator. Whole sentences, in the catalogue of the pages;
a person's words are never passed to gettext."""

from collections.abc import Sequence
from datetime import datetime

from babel import Locale

from bot.summaries.changes import Mark
from bot.summaries.entries import Anchors, Piece
from flows.answers import How, Speaker
from flows.schema import Audience
from flows.wording import Wording, isolated, right_to_left


class Sentences:
    """One reader's language."""

    def __init__(self, wording: Wording, language: str) -> None:
        self.language = language if wording.speaks(language) else "en"
        self._wording = wording
        catalogue = wording.page(self.language)
        self.gettext = catalogue.gettext
        self.ngettext = catalogue.ngettext

    def when(self, moment: datetime, zone: str) -> str:
        return self._wording.when(moment, zone, Audience.ADULT, self.language)

    def kind_of_meeting(self, kind: str) -> str:
        return self._wording.say(f"kind_{kind}", Audience.ADULT, self.language)

    def language_name(self, code: str) -> str:
        spoken = Locale.parse(self.language.replace("-", "_"))
        return Locale.parse(code.replace("-", "_")).get_display_name(spoken) or code

    def named(self, name: str) -> str:
        """A name inside one of our sentences."""
        return isolated(name, self.language)

    def listed(self, names: Sequence[str]) -> str:
        comma = "، " if right_to_left(self.language) else ", "
        return comma.join(self.named(name) for name in names)

    def role(self, code: str) -> str:
        gettext = self.gettext
        return {
            "parent": gettext("Parent or carer"),
            "family": gettext("Family or friend"),
            "young_person": gettext("Young person"),
            "child": gettext("Child"),
        }.get(code, "")

    def age(self, code: str) -> str:
        gettext = self.gettext
        return {
            "adult": gettext("adult"),
            "16_17": gettext("16 or 17"),
            "11_15": gettext("11 to 15"),
            "7_10": gettext("7 to 10"),
        }.get(code, "")

    def channel(self, code: str) -> str:
        gettext = self.gettext
        return gettext("on Telegram") if code == "telegram" else gettext("on the web")

    def status(self, code: str) -> str:
        gettext = self.gettext
        known = {
            "sent": gettext("Prepared"),
            "started": gettext("Started"),
            "erased": gettext("Erased"),
            "wiped": gettext("Wiped"),
            "opened": gettext("Opened, not started"),
        }
        return known.get(code) or gettext("Not opened")

    def alert(self, category: str) -> str:
        gettext = self.gettext
        home = gettext("May not be safe at home")
        known = {
            "not_safe_at_home": home,
            "scared_at_home": home,
            "not_safe_with": gettext("May not be safe with someone"),
            "watched": gettext("Someone they did not want may see what they write"),
            "asked": gettext("Asked for help"),
            "suicide": gettext("Words that may be about suicide"),
            "self_harm": gettext("Words that may be about self-harm"),
            "immediate_danger": gettext("Words that may mean danger right now"),
            "physical_abuse": gettext("Words that may be about being hurt"),
            "sexual_abuse": gettext("Words that may be about sexual abuse"),
            "domestic_abuse": gettext("Words that may be about domestic abuse"),
            "honour_based": gettext("Words that may be about forced marriage or “honour”"),
            "exploitation_missing": gettext(
                "Words that may be about being used by others, or going missing"
            ),
            "neglect": gettext("Words that may be about neglect"),
            "threat_to_others": gettext("Words that may be about hurting someone else"),
        }
        return known.get(category) or gettext("May need help now")

    def left(self, how: How) -> tuple[str, ...]:
        """How a question was left; nothing where it was answered."""
        gettext = self.gettext
        if how is How.IN_PERSON:
            return (gettext("Would rather say it to a person."),)
        if how is How.NOT_SURE:
            return (gettext("Not sure."),)
        return ()

    def ends(self, anchors: Anchors) -> str:
        """What the two ends of a scale mean, in the scale's own words."""
        words = {"low": anchors.low, "high": anchors.high}
        return self.gettext("From “%(low)s” to “%(high)s”.") % words

    def sent_with(self, piece: Piece) -> str:
        """What was sent that paper cannot hold; empty for words."""
        gettext = self.gettext
        if piece.kind == "voice":
            length = self.ngettext(
                "Voice message, %(count)s second",
                "Voice message, %(count)s seconds",
                piece.seconds,
            )
            return length % {"count": piece.seconds}
        if piece.kind == "picture":
            return gettext("A picture that they sent")
        return gettext("A file that they sent") if piece.kind == "file" else ""

    def you_say(self, says: Speaker) -> str:
        """Who says an answer, to the coordinator."""
        gettext = self.gettext
        return {
            Speaker.ME: gettext("They say it."),
            Speaker.COORDINATOR: gettext("You say it."),
            Speaker.ADVOCATE: gettext("Their advocate or supporter says it."),
            Speaker.READ_OUT_EXACTLY: gettext("Read it out in exactly these words."),
            Speaker.ON_THE_WALL: gettext("Write it on the wall, without their name."),
        }[says]

    def who_says(self, says: Speaker) -> str:
        """Who says an answer, to everyone in the room; nothing of what hangs on the wall."""
        gettext = self.gettext
        return {
            Speaker.ME: gettext("They say it themselves."),
            Speaker.COORDINATOR: gettext("Said by the coordinator."),
            Speaker.ADVOCATE: gettext("Said by an advocate or supporter."),
            Speaker.READ_OUT_EXACTLY: gettext("Read out in exactly these words."),
        }.get(says, "")

    def done(self, code: str) -> str:
        """What was done, in the audit log."""
        gettext = self.gettext
        known = {
            "alert_acknowledged": gettext("An alert was acknowledged"),
            "alert_again": gettext("An alert was raised again"),
            "alert_false_alarm": gettext("An alert was a false alarm"),
            "alert_moved_on": gettext("An alert went to the next on the rota"),
            "alert_needed_action": gettext("An alert needed action"),
            "alert_nobody_acknowledges": gettext("Nobody has acknowledged an alert"),
            "alert_told": gettext("An alert went out"),
            "answered": gettext("A person was answered"),
            "attachment_read": gettext("A picture, recording or file was opened"),
            "code_refused": gettext("A wrong code was typed"),
            "contact_kept": gettext("How a person may be written to was kept"),
            "coordinator_invited": gettext("A link to the desk was made"),
            "coordinator_made": gettext("Somebody was added to the desk"),
            "coordinator_removed": gettext("Somebody was removed from the desk"),
            "data_asked": gettext("A person asked for their data"),
            "data_given": gettext("A person was given their data"),
            "invitation_by_mail": gettext("An invitation was sent by e-mail"),
            "invitation_by_text": gettext("An invitation was sent by text message"),
            "invited": gettext("A link was made"),
            "links_taken_back": gettext("A person's links were taken back"),
            "meeting_cancelled": gettext("A meeting was called off"),
            "meeting_corrected": gettext("A meeting was corrected"),
            "meeting_handed_over": gettext("A meeting was handed over"),
            "meeting_made": gettext("A meeting was made"),
            "meeting_moved": gettext("A meeting was moved"),
            "password_changed": gettext("A password was changed"),
            "password_refused": gettext("A wrong password was typed"),
            "password_right": gettext("A right password was typed"),
            "password_set": gettext("A password was chosen"),
            "person_corrected": gettext("How a person is called was corrected"),
            "person_taken_out": gettext("A person was taken out of a meeting"),
            "phone_forgotten": gettext("A phone's codes were stopped"),
            "phone_set_up": gettext("A phone was set up for codes"),
            "recovery_codes_made": gettext("New recovery codes were made"),
            "service_set": gettext("The service's settings were changed"),
            "sign_in_refused": gettext("A sign-in was refused"),
            "signed_in": gettext("Somebody signed in"),
            "signed_in_by_link": gettext("Somebody signed in by a link"),
            "signed_out_everywhere": gettext("Somebody signed out everywhere"),
            "summary_read": gettext("A summary was read"),
            "taken_back": gettext("A person took an answer back"),
            "task_done": gettext("A task was done"),
            "task_given": gettext("A task was given to somebody"),
            "telegram_code_made": gettext("A code for Telegram was made"),
            "telegram_linked": gettext("A chat in Telegram was linked"),
            "telegram_unlinked": gettext("A chat in Telegram was unlinked"),
            "wiped": gettext("A person wiped everything"),
        }
        return known.get(code) or code.replace("_", " ")

    def doer(self, kind: str) -> str:
        """Who did it, where that is nobody with a name at the desk."""
        gettext = self.gettext
        known = {
            "service": gettext("The service itself"),
            "operator": gettext("Whoever runs the machine"),
            "participant": gettext("Somebody who prepares"),
        }
        return known.get(kind) or gettext("Not known")

    def mark(self, mark: Mark) -> str:
        """What became of an answer since it was last read."""
        gettext = self.gettext
        return {
            Mark.NEW: gettext("New"),
            Mark.CHANGED: gettext("Changed"),
            Mark.SHARING: gettext("Who may hear it has changed"),
        }[mark]

    def marks_since(self, read_at: datetime, zone: str) -> str:
        """What those marks count from."""
        since = self.gettext("“New” and “Changed”: since the version that you read %(when)s.")
        return since % {"when": self.when(read_at, zone)}

    def about_boxes(self) -> str:
        """Of a paper that cannot show every letter."""
        return self.gettext(
            "A box (□) is a letter that this paper cannot show. Read it on the screen."
        )

    def made(self, now: datetime, zone: str) -> str:
        """How old a paper is."""
        made = self.gettext("Made %(when)s. It may change until the meeting.")
        return made % {"when": self.when(now, zone)}
