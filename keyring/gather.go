package keyring

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

var (
	errWrongShare = errors.New("its share is wrong: others give the root without it; run 'keyring rewrap', and find out who changed it")
	errUnfitting  = errors.New("its share and the others do not give the root: there are wrong ones among them")
)

// gathering asks the KEKs of a group for their shares until enough of them give the root: as many at once as are missing, one
// more for each that fails, is slow, or turns out to be wrong.
type gathering struct {
	contents *keystore.Contents
	group    *keystore.Group
	options  *Options
	members  []member // in the order in which they are asked
	unpinned []string // KEKs that are not among them for want of a pin
	public   []string // KEKs given that can only wrap, of whatever group: only their recovery keys give shares
	asked    int      // how many of them were, and are
	running  int
	failing  int // how many of those that are running have failed once and are going to be retried
	began    time.Time
	faltered chan int // the index of such a one; there is room for all, so that none of them ever waits
	finished chan finishedMember
	pool     pool
	givers   []int // the member that each share of the pool is from
}

// member is a KEK of the group, and what came of asking it.
type member struct {
	kek     *wrappers.KEK
	stanza  *keystore.Stanza
	attempt wrappers.Attempt
	running bool
	failing bool
}

type finishedMember struct {
	index     int
	plaintext []byte
	err       error
}

func newGathering(c *keystore.Contents, group string, keks []*wrappers.KEK, o *Options) *gathering {
	g := &gathering{contents: c, options: o, public: wrapOnlyOf(keks)}
	for i := range c.Groups {
		if c.Groups[i].Name == group {
			g.group = &c.Groups[i]
		}
	}
	g.pool = pool{contents: c, threshold: g.group.Threshold}
	return g
}

func (g *gathering) add(k *wrappers.KEK, s *keystore.Stanza, unpinned bool) {
	if unpinned {
		g.unpinned = append(g.unpinned, k.ID())
		return
	}
	at, now := len(g.members), time.Now()
	for at > 0 && g.options.Order.Compare(g.members[at-1].kek, k, now) > 0 {
		at--
	}
	g.members = slices.Insert(g.members, at, member{kek: k, stanza: s})
}

// can also says no where those who are left are too few: nobody is troubled for nothing.
func (g *gathering) can(w who) bool {
	left, fitting := 0, false
	for _, m := range g.members[g.asked:] {
		if w == people || w.includes(m.kek) {
			left++
			fitting = fitting || w.includes(m.kek)
		}
	}
	return fitting && len(g.pool.shares)+left >= g.group.Threshold
}

func (g *gathering) rests(now time.Time) bool {
	n := 0
	for _, m := range g.members {
		if ready(m.kek, now) {
			n++
		}
	}
	return n < g.group.Threshold
}

func (g *gathering) try(ctx context.Context, w who) *opened {
	ctx, cancel := context.WithCancelCause(ctx)
	defer g.drain()
	defer cancel(wrappers.NotNeeded(g.options.hedgeDelay()))
	if g.finished == nil {
		g.began = time.Now()
		g.faltered, g.finished = make(chan int, len(g.members)), make(chan finishedMember, len(g.members))
	}
	hedge := time.NewTimer(g.options.hedgeDelay())
	defer hedge.Stop()
	goal := g.group.Threshold
	g.start(ctx, w, goal)
	for g.running > 0 {
		select {
		case <-hedge.C:
			goal++
		case i := <-g.faltered:
			g.falter(&g.members[i])
		case f := <-g.finished:
			if won := g.settle(ctx, f); won != nil {
				return won
			}
			goal = max(goal, len(g.pool.shares)+1)
		}
		g.start(ctx, w, goal)
		hedge.Reset(g.options.hedgeDelay())
	}
	return nil
}

// falter has a member that is going to be retried replaced at once. It may still be the one that gives the last share.
func (g *gathering) falter(m *member) {
	if m.running { // else it has ended since
		m.failing = true
		g.failing++
	}
}

// start asks the next members, as long as fewer than goal have given a share or may be about to. A person is asked alone, and not
// for a share that would not be enough.
func (g *gathering) start(ctx context.Context, w who, goal int) {
	for g.asked < len(g.members) && ctx.Err() == nil && len(g.pool.shares)+g.running-g.failing < goal {
		m := &g.members[g.asked]
		if m.kek.WaitsForPerson() && (w != people || g.running > 0 || !g.can(people)) {
			return
		}
		i := g.asked
		g.asked++
		g.running++
		m.running = true
		m.attempt = wrappers.Attempt{KEK: m.kek.ID(), Started: time.Since(g.began)}
		falter := sync.OnceFunc(func() { g.faltered <- i })
		go func() {
			plaintext, err := m.kek.UnwrapNotify(ctx, wrappedOf(m.stanza), kekAAD(g.contents.ID, g.contents.Root), falter)
			g.finished <- finishedMember{i, plaintext, err}
		}()
	}
}

// settle takes the share of a member and returns the root if that is enough.
func (g *gathering) settle(ctx context.Context, f finishedMember) *opened {
	m := g.note(f)
	defer clear(f.plaintext)
	if f.err != nil {
		return nil
	}
	values, err := payloadOf(g.contents, m.stanza).parse(f.plaintext)
	if err != nil {
		g.blame(err, f.index)
		return nil
	}
	g.givers = append(g.givers, f.index)
	r, raw := g.pool.add(ctx, share{m.stanza.Share, values})
	if r == nil {
		return nil
	}
	won := &opened{root: r, raw: raw}
	for i, s := range g.pool.shares {
		if g.pool.isRight(s, raw) {
			won.by = append(won.by, g.members[g.givers[i]].kek.ID())
		} else {
			g.blame(errWrongShare, g.givers[i])
		}
	}
	return won
}

func (g *gathering) note(f finishedMember) *member {
	m := &g.members[f.index]
	g.running--
	if m.failing {
		g.failing--
	}
	m.running, m.failing = false, false
	m.attempt.Took = time.Since(g.began) - m.attempt.Started
	m.attempt.Err = f.err
	return m
}

// drain waits for those who were cancelled, which is at once. A share that came too late is cleared.
func (g *gathering) drain() {
	for g.running > 0 {
		f := <-g.finished
		clear(f.plaintext)
		if f.err == nil {
			f.err = wrappers.ErrNotNeeded
		}
		g.note(f)
	}
}

func (g *gathering) gives() string { return "share of the root" }

func (g *gathering) attempts() []wrappers.Attempt {
	var list []wrappers.Attempt
	for _, m := range g.members[:g.asked] {
		list = append(list, m.attempt)
	}
	return list
}

func (g *gathering) close() { g.pool.clear() }
