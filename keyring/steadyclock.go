package keyring

import "time"

// steadyClock is a clock that may jump and is believed once it has gone evenly for a while. Until then it goes on as it
// did.
//
// Most clocks that are wrong are so for minutes: at the start of a machine, or when a source of time is. To write the
// keystore at such a time would leave it next year's dates for a year, and a rotation that nobody wanted.
type steadyClock struct {
	tell     func() time.Time
	patience time.Duration // a smaller jump is none, and a larger one is believed so much later

	told    time.Time // what it told last
	at      time.Time // when, as the process counts time: that never jumps
	doubted time.Time // since when, in the same time; zero if it is not
}

// now returns the time, and whether what the clock tells is not believed.
func (c *steadyClock) now() (now time.Time, doubt bool) {
	at, told := time.Now(), c.tell().Round(0) // without the process's own time, which would hide every jump
	if c.at.IsZero() {
		c.told, c.at = told, at
		return told, false
	}
	expected := c.told.Add(at.Sub(c.at))
	if told.Sub(expected).Abs() > c.patience {
		if c.doubted.IsZero() {
			c.doubted = at
		}
		if at.Sub(c.doubted) < c.patience {
			return expected, true
		}
	}
	c.told, c.at, c.doubted = told, at, time.Time{}
	return told, false
}
