package keyring

import (
	"testing"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// TestLedgerInDoubt: what a ring makes of the file that it finds after a write of which it does not know whether it
// happened. Where it cannot tell, it takes the least to be handed in.
func TestLedgerInDoubt(t *testing.T) {
	key, file, old, next := keystore.NewID(), keystore.NewID(), keystore.NewID(), keystore.NewID()
	before, after, other := keystore.DigestOf([]byte("before")), keystore.DigestOf([]byte("after")), keystore.DigestOf([]byte("other"))
	n := func(messages uint64) Count { return Count{messages, 10 * messages} }
	held := line{n(10), n(100)}
	for _, c := range []struct {
		name     string
		was      line // before the write
		wrote    line
		found    keystore.Digest
		holders  []keystore.ID // of the leases that are found
		want     line
		isHolder keystore.ID
	}{
		{"the file that it wrote", held, line{n(15), n(200)}, after, []keystore.ID{next}, line{n(15), n(200)}, next},
		{"the file that it wrote, without a lease", held, line{n(15), n(0)}, after, nil, line{n(15), n(0)}, next},
		{"the file that it read", held, line{n(15), n(200)}, before, []keystore.ID{old}, held, old},
		{"the file that it read, without a lease", line{n(10), n(0)}, line{n(15), n(200)}, before, nil, line{n(10), n(0)}, old},
		{"its new lease", held, line{n(15), n(200)}, other, []keystore.ID{next}, line{n(15), n(200)}, next},
		{"its old lease", held, line{n(15), n(200)}, other, []keystore.ID{old}, held, old},
		{"neither lease, and the old one was less", held, line{n(15), n(200)}, other, nil, line{n(110), n(0)}, old},
		{"neither lease, and the new one was less", held, line{n(15), n(50)}, other, nil, line{n(65), n(0)}, old},
		{"no lease, as it should be", held, line{n(15), n(0)}, other, nil, line{n(15), n(0)}, old},
		{"no lease, and there was none before", line{n(10), n(0)}, line{n(15), n(0)}, other, nil, line{n(10), n(0)}, old},
		{"nothing before, and no lease now", line{}, line{n(15), n(200)}, other, nil, line{}, old},
	} {
		l := &ledger{file: file, holder: old, lines: map[keystore.ID]line{key: c.was}}
		l.doubt = &proposal{ledger: ledger{file: file, holder: next, lines: map[keystore.ID]line{key: c.wrote}}, before: before, after: after}
		f := wearFile{wear: &keystore.Wear{ID: file}, digest: c.found}
		for _, h := range append(c.holders, keystore.NewID()) {
			f.wear.Leases = append(f.wear.Leases, keystore.WearLease{Holder: h, Key: key, Messages: 1})
		}
		l.read(f)
		if got := l.lines[key]; got != c.want || l.holder != c.isHolder || l.doubt != nil {
			t.Errorf("%s: %+v, holder %s, doubt %v, want %+v, holder %s", c.name, got, l.holder, l.doubt, c.want, c.isHolder)
		}
	}
}

// TestLedgerOfTooManyLeases ends the oldest ones, and their holders find that out.
func TestLedgerOfTooManyLeases(t *testing.T) {
	key, file, now := keystore.NewID(), keystore.NewID(), time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	w := &keystore.Wear{ID: file, Keystore: keystore.NewID(), Begun: now, Keys: []keystore.WornKey{{Key: key, Messages: 7}}}
	for i := range keystore.MaxWearLeases {
		w.Leases = append(w.Leases, keystore.WearLease{Holder: keystore.NewID(), Key: key, Messages: 100, Bytes: 1000, Until: now.Add(time.Duration(2+i%10) * time.Second)})
	}
	w.Leases[500].Until = now.Add(time.Second) // the first to end
	oldest := &ledger{file: file, holder: w.Leases[500].Holder, lines: map[keystore.ID]line{key: {lease: Count{100, 1000}}}}
	l := &ledger{file: file}
	p := l.propose(wearFile{wear: w}, entry{sealed: map[keystore.ID]Count{key: {3, 30}}, leases: map[keystore.ID]Count{key: {50, 500}}, now: now})
	if k := p.wear.Keys[0]; k.Messages != 7+3+100 || k.Bytes != 30+1000 || len(p.wear.Leases) != keystore.MaxWearLeases {
		t.Errorf("the key has %+v, and there are %d leases", k, len(p.wear.Leases))
	}
	if _, err := keystore.AppendWear(nil, p.wear); err != nil {
		t.Error(err)
	}
	oldest.read(wearFile{wear: p.wear})
	if got := oldest.lines[key]; got != (line{handed: Count{100, 1000}}) {
		t.Errorf("whose lease was ended has %+v", got)
	}
	l.accept(p)
	l.read(wearFile{wear: p.wear})
	if got := l.lines[key]; got != (line{Count{3, 30}, Count{50, 500}}) {
		t.Errorf("who wrote has %+v", got)
	}
}
