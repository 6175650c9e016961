"""The ledger's tables. All but `RunHead`, `Verification`, `AnchorState` and `Hold` only grow, by triggers.

Only this package writes them. Copies of an entry's members stand beside its bytes for queries; the
bytes are what counts, and verification compares the copies with them.
"""

from django.db import models


class RunHead(models.Model):
    """The last number given to an entry of a run, and the highest epoch seen: counter and fence."""

    run = models.BigIntegerField(primary_key=True)
    rs = models.PositiveIntegerField()
    epoch = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "ledger_run"

    def __str__(self) -> str:
        return f"run {self.run}: {self.rs} entries, epoch {self.epoch}"


class Intake(models.Model):
    """An entry's exact bytes, written in the transaction of what they record."""

    content = models.BinaryField()
    leaf = models.BinaryField(max_length=32)
    mac = models.BinaryField(max_length=32)
    event = models.CharField(max_length=40)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=100)
    channel = models.CharField(max_length=10, blank=True)
    action = models.CharField(max_length=32, blank=True)
    outcome = models.CharField(max_length=10, blank=True)
    object = models.CharField(max_length=200, blank=True)
    request = models.CharField(max_length=64, blank=True)
    run = models.BigIntegerField(null=True, blank=True)
    rs = models.PositiveIntegerField(null=True, blank=True)
    epoch = models.PositiveIntegerField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_intake"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["run", "rs"], name="ledger_intake_run_rs")]
        indexes = [
            models.Index(fields=["event", "id"], name="ledger_intake_event"),
            models.Index(fields=["actor_id", "id"], name="ledger_intake_actor"),
            models.Index(fields=["request", "id"], name="ledger_intake_request"),
            models.Index(fields=["object", "id"], name="ledger_intake_object"),
            models.Index(fields=["action", "id"], name="ledger_intake_action"),
            models.Index(fields=["channel", "id"], name="ledger_intake_channel"),
            models.Index(fields=["outcome", "id"], name="ledger_intake_outcome"),
            models.Index(fields=["at"], name="ledger_intake_at"),
        ]

    def __str__(self) -> str:
        return f"{self.event} ({self.pk})"


class Entry(models.Model):
    """An intake row's place in the ledger: leaf `seq` of the tree, counted from 0."""

    seq = models.BigIntegerField(primary_key=True)
    intake = models.OneToOneField(Intake, on_delete=models.PROTECT, related_name="entry")
    leaf = models.BinaryField(max_length=32)

    class Meta:
        db_table = "ledger_entry"
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"entry {self.seq}"


class Tile(models.Model):
    """The root of a full tile (256 hashes of one tile level), which is one hash of the tile level above.

    With the entries' leaves this gives every hash of the tree.
    """

    level = models.PositiveSmallIntegerField()
    position = models.BigIntegerField()
    root = models.BinaryField(max_length=32)

    class Meta:
        db_table = "ledger_tile"
        ordering = ["level", "position"]
        constraints = [models.UniqueConstraint(fields=["level", "position"], name="ledger_tile_once")]

    def __str__(self) -> str:
        return f"tile {self.level}/{self.position}"


class Checkpoint(models.Model):
    """A signed head of the tree, as a C2SP signed note; `ssh_signature` is over the note's signed part."""

    size = models.BigIntegerField(unique=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    ssh_signature = models.TextField(blank=True, default="")
    signed_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_checkpoint"
        ordering = ["size"]

    def __str__(self) -> str:
        return f"checkpoint at {self.size}"


class Receipt(models.Model):
    """What somebody outside answered to a checkpoint: a cosignature, a time-stamp token (base64)."""

    class Kind(models.TextChoices):
        COSIGNATURE = "cosignature"
        TOKEN = "token"  # noqa: S105 - of time, no secret

    anchor = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind)
    size = models.BigIntegerField()
    content = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_receipt"
        ordering = ["size", "id"]
        constraints = [models.UniqueConstraint(fields=["anchor", "size"], name="ledger_receipt_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.anchor} at {self.size}"


class AnchorState(models.Model):
    """How far an anchor has got: the newest checkpoint that it took, and since when it takes none."""

    name = models.CharField(max_length=200, primary_key=True)
    kind = models.CharField(max_length=12)
    size = models.BigIntegerField(default=0)
    published_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        db_table = "ledger_anchor"
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} at {self.size}"


class Hold(models.Model):
    """The portal only reads since then: the database is not the ledger that was signed."""

    found_at = models.DateTimeField()
    reason = models.TextField()
    size = models.BigIntegerField()
    signed_size = models.BigIntegerField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "ledger_hold"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.reason


class Chunk(models.Model):
    """Up to 64 KiB of output, by digest, compressed with zlib."""

    digest = models.CharField(max_length=71, primary_key=True)
    content = models.BinaryField()

    class Meta:
        db_table = "ledger_chunk"

    def __str__(self) -> str:
        return self.digest


class Release(models.Model):
    """A signed entry by which bytes are let go, of entries at places `first` to before `end`, or of output.

    The triggers let bytes go by these rows alone, and take a row only once its entry is signed.
    """

    intake = models.OneToOneField(Intake, on_delete=models.PROTECT, primary_key=True)
    what = models.CharField(max_length=10)
    first = models.BigIntegerField()
    end = models.BigIntegerField()

    class Meta:
        db_table = "ledger_release"
        ordering = ["intake"]

    def __str__(self) -> str:
        return f"{self.what} {self.first} to {self.end}"


class ReleasedChunk(models.Model):
    """A piece of output that a release lets go."""

    digest = models.CharField(max_length=71)
    release = models.ForeignKey(Release, on_delete=models.PROTECT)

    class Meta:
        db_table = "ledger_released_chunk"
        constraints = [models.UniqueConstraint(fields=["digest", "release"], name="ledger_released_once")]

    def __str__(self) -> str:
        return self.digest


class Verification(models.Model):
    """What a verification of the whole ledger found. Not part of the ledger."""

    finished_at = models.DateTimeField()
    ok = models.BooleanField()
    size = models.BigIntegerField()
    root = models.CharField(max_length=64)
    first_bad = models.TextField(blank=True)
    seconds = models.FloatField()

    class Meta:
        db_table = "ledger_verification"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{'good' if self.ok else 'bad'} at {self.size} entries"
