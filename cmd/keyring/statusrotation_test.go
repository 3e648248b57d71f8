package main

import (
	"strings"
	"testing"
	"time"

	"github.com/sealwax/sealwax/cmd/keyring/internal/config"
	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
)

var statusNow = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// rotationOf returns what status says of a keystore with one key, active for so long.
func rotationOf(t *testing.T, r keyring.Rotation, age time.Duration, worn ...keyring.KeyWear) *statusRotation {
	t.Helper()
	s := &site{cli: &cli{}, store: keystore.NewFile("k"), config: &config.Config{Rotation: r}}
	at := statusNow.Add(-age)
	k := keystore.Key{ID: keystore.ID{1}, State: keystore.Active, Created: at, Activated: at, Suite: 1}
	return s.rotation(&keystore.Contents{Keys: []keystore.Key{k}}, worn, statusNow)
}

// planned returns what status says of a key that was to take over so long ago, in a config without a rotation block.
func planned(late time.Duration) *statusRotation {
	s := &site{cli: &cli{}, store: keystore.NewFile("k"), config: &config.Config{}}
	made := statusNow.Add(-24 * time.Hour)
	c := &keystore.Contents{Keys: []keystore.Key{
		{ID: keystore.ID{1}, State: keystore.Active, Created: made, Activated: made, Suite: 1},
		{ID: keystore.ID{2}, State: keystore.Prepublished, Created: made, Activates: statusNow.Add(-late), Suite: 1},
	}}
	return s.rotation(c, nil, statusNow)
}

func TestStatusRotation(t *testing.T) {
	worn := func(messages uint64) keyring.KeyWear {
		return keyring.KeyWear{ID: keystore.ID{1}, Messages: messages, Bytes: 10 * messages}
	}
	reserved := worn(1000)
	reserved.Leased = keyring.Count{Messages: 300, Bytes: 3000}
	week := keyring.Rotation{Period: 168 * time.Hour}
	for _, c := range []struct {
		name    string
		got     *statusRotation
		want    string
		age     string
		overdue bool
	}{
		{"without a block", rotationOf(t, keyring.Rotation{}, time.Hour), "by hand: the config has no rotation block", ", active for 60 minutes", false},
		{"in time", rotationOf(t, week, 24*time.Hour), "on 2026-11-28T10:00:00Z, at the end of its period", ", active for 24 hours", false},
		{"a little late", rotationOf(t, week, 169*time.Hour), "on 2026-11-22T10:50:24Z, at the end of its period", ", active for 7 days", false},
		{"overdue", rotationOf(t, week, 190*time.Hour), "OVERDUE since 2026-11-21T12:00:00Z", ", active for 7 days", true},
		{"worn", rotationOf(t, keyring.Rotation{Messages: 1000}, time.Hour, worn(1000)), "on 2026-11-22T10:00:00Z, because of how many messages it has sealed",
			", active for 60 minutes, about 1000 messages and 10000 bytes sealed", false},
		{"not worn", rotationOf(t, keyring.Rotation{Messages: 1000}, time.Hour, worn(10)), "once the key has sealed as much as it may",
			", active for 60 minutes, about 10 messages and 100 bytes sealed", false},
		{"worn, but for what is only reserved", rotationOf(t, keyring.Rotation{Messages: 1000}, time.Hour, reserved), "once the key has sealed as much as it may",
			", active for 60 minutes, about 700 messages and 7000 bytes sealed", false},
		{"planned", planned(-time.Hour), "on 2026-11-22T11:00:00Z, as planned when its successor was prepublished, by key " + keystore.ID{2}.String(),
			", active for 24 hours", false},
		{"planned, and nobody activates it", planned(2 * time.Minute), "OVERDUE since 2026-11-22T09:58:00Z", ", active for 24 hours", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := &cli{out: &output{}}
			if got := out.rotationText(c.got); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := c.got.age(); got != c.age {
				t.Errorf("got age %q, want %q", got, c.age)
			}
			if got := c.got.warning(); (got != "") != c.overdue {
				t.Errorf("got warning %q", got)
			}
		})
	}
}

// TestStatusRotationIsLoud has what is overdue in red, all of it.
func TestStatusRotationIsLoud(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	var text strings.Builder
	c := &cli{out: &output{w: &text, terminal: true}}
	r := rotationOf(t, keyring.Rotation{Period: time.Hour}, 48*time.Hour)
	if err := c.printStatus(&status{Active: &keystore.ID{1}, Rotation: r, Warnings: []string{r.warning(), "another"}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"rotation    \x1b[31mOVERDUE since 2026-11-20T11:00:00Z\x1b[0m\n",
		"\n\x1b[31mwarning: ROTATION IS OVERDUE by 47 hours: ", " runs\x1b[0m\n\x1b[31mwarning:\x1b[0m another\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in:\n%s", want, &text)
		}
	}
}
