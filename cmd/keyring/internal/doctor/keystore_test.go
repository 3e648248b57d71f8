package doctor

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// stored returns an examination of a keystore that keks have just made, and changes what may change about it.
func stored(t *testing.T, change func(*Case, *keystore.Contents), keks ...Patient) *Case {
	t.Helper()
	var all []*wrappers.KEK
	groups := make(map[string]int)
	for _, k := range keks {
		all = append(all, k.KEK)
		if k.Group() != "" {
			groups[k.Group()] = 2
		}
	}
	store := keystore.NewMemory()
	o := &keyring.Options{Cluster: "prod", Region: "emea", Groups: groups, RefreshInterval: -1, PayInterval: -1, Clock: func() time.Time { return now.Add(-49 * time.Hour) }}
	ring, err := keyring.Create(t.Context(), store, all, o)
	if err != nil {
		t.Fatal(err)
	}
	defer ring.Close()
	contents, _, err := keystore.Fetch(t.Context(), store, nil)
	if err != nil {
		t.Fatal(err)
	}
	o.Identity = contents.Identity.Public
	c := newCase(keks...)
	c.Groups = groups
	c.Keystore.Contents, c.Keystore.Pin, c.State.Seen = contents, o.Identity, ring.Seen()
	c.Verify = func(ctx context.Context, keks []*wrappers.KEK) (*keyring.Report, error) {
		return keyring.Verify(ctx, store, keks, o)
	}
	if change != nil {
		change(c, contents)
	}
	return c
}

func TestKeystore(t *testing.T) {
	other := make([]byte, 32)
	for _, c := range []struct {
		name   string
		change func(*Case, *keystore.Contents)
		want   string
	}{
		{"read", nil, "ok keystore read: generation 1 of epoch 1, written 2 days ago, in keystore.jsonl"},
		{"refused", func(c *Case, _ *keystore.Contents) {
			c.Keystore.Contents, c.Keystore.Err, c.Keystore.Next = nil, keystore.ErrRolledBack, "repeat it with --accept-rollback"
		}, "problem keystore read: refused | keystore was rolled back | nothing starts with it; services that are running go on with what they hold | repeat it with --accept-rollback"},
		{"refused, with a command in the error", func(c *Case, _ *keystore.Contents) {
			c.Keystore.Contents, c.Keystore.Err = nil, errors.New("others can write it; run: chmod go-w keystore.jsonl")
		}, "problem keystore read: refused | others can write it | nothing starts with it; services that are running go on with what they hold | chmod go-w keystore.jsonl"},
		{"none", func(c *Case, _ *keystore.Contents) { c.Keystore.Contents = nil }, "note keystore read: there is none yet in keystore.jsonl |  | nothing can be sealed | keyring init"},

		{"pinned", nil, "ok keystore pin: ed25519:"},
		{"not pinned", func(c *Case, _ *keystore.Contents) { c.Keystore.Pin = nil }, "warning keystore pin: no identity is pinned | the keystore block has no identity | who can encrypt"},
		{"handed over", func(c *Case, _ *keystore.Contents) { c.Keystore.Pin = other }, "warning keystore pin: the pinned identity has handed over to another"},

		{"no lease", nil, "note keystore lease: none: a ring that cannot read the keystore goes on sealing |  | nobody knows when a retired key seals for the last time, so none can be destroyed | keyring lease 5m"},
		{"lease", func(_ *Case, k *keystore.Contents) { k.Lease = time.Minute }, "ok keystore lease: a ring seals for 1m0s after it last read the keystore"},
		{"previous", nil, "note keystore previous: the generation before is not kept"},

		{"active key", nil, "ok keystore active-key: , 2 days old"},
		{"no active key", func(_ *Case, k *keystore.Contents) { k.Keys[0].State = keystore.Retired }, "problem keystore active-key: no key is active |  | nothing can be sealed | keyring rotate"},
		{"compromised", func(_ *Case, k *keystore.Contents) { k.Keys[0].Compromised = true }, "problem keystore active-key: is marked compromised |  | nothing can be sealed, and others may read what was | keyring rotate"},

		{"a compromised key", func(_ *Case, k *keystore.Contents) {
			k.Keys = append(k.Keys, keystore.Key{ID: keystore.ID{1}, State: keystore.Retired, Compromised: true})
		}, "warning keystore compromised: is still there, and marked compromised |  | others may read what it sealed | run 'keyring rekey', then 'keyring destroy "},
		{"by hand", nil, "ok keystore rotation: by hand: the config has no rotation block"},
		{"by wear alone", func(c *Case, _ *keystore.Contents) { c.Keystore.Rotation.Messages = 1 },
			"ok keystore rotation: once the active key has sealed as much as it may"},
		{"in time", func(c *Case, _ *keystore.Contents) {
			c.Keystore.Rotation.Period, c.Keystore.Schedule.Next = 720*time.Hour, now.Add(49*time.Hour)
		}, "ok keystore rotation: the active key is replaced in 2 days"},
		{"a little late", func(c *Case, _ *keystore.Contents) {
			c.Keystore.Rotation.Period, c.Keystore.Schedule.Next, c.Keystore.Schedule.Overdue = 720*time.Hour, now, 7*time.Hour
		}, "ok keystore rotation: the active key is replaced in 1 second"},
		{"overdue", func(c *Case, _ *keystore.Contents) {
			c.Keystore.Rotation.Period, c.Keystore.Schedule.Next, c.Keystore.Schedule.Overdue = 720*time.Hour, now, 8*time.Hour
		}, "problem keystore rotation: overdue by 8 hours | nobody runs 'keyring maintain', or it fails | a leak of the active key exposes more every day | run 'keyring maintain --once', and see to it"},
		{"a planned date just now", func(c *Case, _ *keystore.Contents) {
			c.Keystore.Schedule.Next, c.Keystore.Schedule.Overdue = now, time.Minute
		}, "ok keystore rotation: the active key is replaced in 1 second"},
		{"a planned date a while ago", func(c *Case, _ *keystore.Contents) {
			c.Keystore.Schedule.Next, c.Keystore.Schedule.Overdue = now, time.Minute+time.Second
		}, "problem keystore rotation: overdue by 61 seconds"},
		{"not counted", func(c *Case, _ *keystore.Contents) { c.Keystore.WearErr = errors.New("it is damaged") },
			"warning keystore wear: how much the keys have sealed is not known | it is damaged | a key may seal more than it should"},

		{"keys", nil, "ok keystore keys: 1 of 1 key open"},
		{"opens", nil, "ok keystore opens: by fake.eu"},
		{"keys not tried", func(c *Case, _ *keystore.Contents) { c.KEKs = nil }, "problem keystore opens: not with the KEKs of this config"},
		{"a key that does not open", func(c *Case, _ *keystore.Contents) {
			verify := c.Verify
			c.Verify = func(ctx context.Context, keks []*wrappers.KEK) (*keyring.Report, error) {
				report, err := verify(ctx, keks)
				report.Keys[0].Err = keyring.ErrKeyUnusable
				return report, err
			}
		}, "problem keystore keys: does not open | keyring: unusable key | messages under it cannot be opened | keep the file, and restore a backup of before"},
		{"no recovery key", nil, "note keystore recovery: there is no recovery key |  | when all KEKs are lost, so is the data | keyring recipient new --out recovery.key"},
		{"could not be tried", func(c *Case, _ *keystore.Contents) {
			c.Verify = func(context.Context, []*wrappers.KEK) (*keyring.Report, error) { return nil, keystore.ErrNotFound }
		}, "problem keystore opens: could not be tried | no keystore"},

		{"seen", nil, "ok state seen: generation 1 of epoch 1"},
		{"nothing seen", func(c *Case, _ *keystore.Contents) { c.State = State{} }, "note state seen: nothing was seen here yet"},
		{"no place for a state", func(c *Case, _ *keystore.Contents) { c.State = State{Err: errors.New("no home")} },
			"warning state seen: there is no place to keep what was last seen | no home | a keystore that was set back"},
		{"state damaged", func(c *Case, _ *keystore.Contents) {
			c.State.Path, c.State.Err = "../state/x.seen", errors.New("damaged")
		}, "problem state seen: what was last seen cannot be had | damaged | a keystore that was set back"},
		{"state beside the keystore", func(c *Case, _ *keystore.Contents) { c.State.Path = "state/x.seen" }, "note state place: state is in the keystore's folder"},
		{"state elsewhere", func(c *Case, _ *keystore.Contents) { c.State.Path = "../state/x.seen" }, "ok state seen"},

		{"variable", func(c *Case, _ *keystore.Contents) { c.Warnings = []string{"VAULT_ADDR says something else"} },
			"warning environment variable: VAULT_ADDR says something else | the config and the environment name the same thing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Examine(t.Context(), stored(t, c.change, patient(t, "eu", newFake())))
			want(t, r.Findings, c.want)
		})
	}
}
