package keyring

import (
	"time"

	"github.com/sealwax/sealwax/keystore"
)

// A demand is that the active key goes. The zero one: it stays.
type demand struct {
	at        time.Time // when
	reason    Reason
	usual     time.Duration // how long before that its successor is made
	least     time.Duration // how long a successor is known before it is activated, if there is not so much time left
	slack     time.Duration // a key whose date is so much later than that of one made now is successor enough
	emergency bool          // until then nothing can be sealed, or nothing should be
}

func (d *demand) never() bool { return d.at.IsZero() }

// met is when a successor that is made no earlier than now could meet d.
func (d *demand) met(now time.Time) time.Time { return later(d.at, now.Add(d.least)) }

// demand returns the demand that can be met first. The active key is k, nil if there is none.
func (p *policy) demand(k *keystore.Key, seen Observed, now time.Time) demand {
	best := demand{least: p.readers}
	for _, d := range []demand{p.urgent(k, seen, now), p.byWear(k, seen, now), p.bySigning(k, now), p.byAge(k, seen, now)} {
		if !d.never() && (best.never() || d.met(now).Before(best.met(now))) {
			best = d
		}
	}
	return best
}

// urgent is the demand of a key that seals nothing more. What its successor seals, the other readers shall be able to
// open: so it waits for them, unless who has the key is the greater harm.
func (p *policy) urgent(k *keystore.Key, seen Observed, now time.Time) demand {
	d := demand{at: now, reason: ReasonUnusable, usual: p.readers, least: p.readers, slack: p.lead(), emergency: true}
	switch limit := p.limits(); {
	case k == nil:
	case k.Compromised:
		d.reason, d.usual, d.least = ReasonCompromised, 0, 0
	case !seals(k, seen):
	case seen.Sealed.Messages >= limit.Messages:
		d.reason = ReasonMessages
	case seen.Sealed.Bytes >= limit.Bytes:
		d.reason = ReasonBytes
	default:
		return demand{}
	}
	return d
}

// byWear is the demand of a key that has sealed three quarters of what it may: the last one is for the successor's lead.
func (p *policy) byWear(k *keystore.Key, seen Observed, now time.Time) demand {
	d := demand{at: now, usual: p.lead(), least: p.lead(), slack: p.shortLead()}
	switch limit := p.limits(); {
	case seen.Sealed.Messages >= limit.Messages-limit.Messages/4:
		d.reason = ReasonMessages
	case seen.Sealed.Bytes >= limit.Bytes-limit.Bytes/4:
		d.reason = ReasonBytes
	default:
		return demand{}
	}
	return d
}

func (p *policy) bySigning(k *keystore.Key, now time.Time) demand {
	if k == nil || p.signs(k) {
		return demand{}
	}
	return demand{at: now, reason: ReasonSigning, usual: p.lead(), least: p.lead(), slack: p.shortLead()}
}

func (p *policy) byAge(k *keystore.Key, seen Observed, now time.Time) demand {
	if k == nil || p.Period == 0 {
		return demand{}
	}
	due := since(k, k.Activated, seen, now).Add(p.Period)
	return demand{at: due, reason: ReasonPeriod, usual: p.lead(), least: p.shortLead(), slack: p.shortLead()}
}
