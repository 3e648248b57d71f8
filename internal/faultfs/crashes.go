package faultfs

import "fmt"

// Case is a piece of code under test and what must be true after a power cut. Its functions usually share variables.
type Case struct {
	// Run is the code under test, as process p. It may be killed at any call.
	Run func(p *Process)
	// Beside is what another process does meanwhile, nil for nothing. It must not wait for a lock that Run holds.
	Beside func(p *Process)
	// Check looks at the disk after the reboot. It is called for each way in which the power cut can turn out.
	Check func(d *Disk) error
}

// Report says how much was tried, and what was wrong.
type Report struct {
	Ops      int // calls that Run makes when nothing stops it
	Stops    int // runs that were stopped, or made to fail, at some call
	Reboots  int // outcomes that were checked
	Failures int // of these checks
	First    error
}

// String sums up the report in a line.
func (r Report) String() string {
	return fmt.Sprintf("%d operations, %d stops, %d reboots, %d failures", r.Ops, r.Stops, r.Reboots, r.Failures)
}

// Crashes cuts the power before each call of Run in turn, and after the last. It does so with Run alone, then with
// Beside carried out at each earlier point of Run, then with Run carried out, up to the cut, at each point of Beside.
// Every case starts on a copy of disk.
func Crashes(disk *Disk, start func() Case) Report {
	t := &trial{disk: disk, start: start}
	run := t.count(func(c Case) func(*Process) { return c.Run })
	t.report.Ops = run
	for cut := range run + 1 {
		t.crash(cut, never, never)
	}
	if start().Beside == nil {
		return t.report
	}
	for at := range run + 1 {
		for cut := at; cut <= run; cut++ {
			t.crash(cut, at, never)
		}
	}
	for within := range t.count(func(c Case) func(*Process) { return c.Beside }) {
		for cut := range run + 1 {
			t.crash(cut, never, within)
		}
	}
	return t.report
}

// Failures makes each call of Run in turn return err: once having done nothing, once having had its effect. Then it
// checks the disk as it is, and as every way of cutting the power leaves it.
func Failures(disk *Disk, start func() Case, err error) Report {
	t := &trial{disk: disk, start: start}
	t.report.Ops = t.count(func(c Case) func(*Process) { return c.Run })
	for at := range t.report.Ops {
		t.fail(at, &Fault{Err: err})
		t.fail(at, &Fault{Err: err, Done: true})
	}
	return t.report
}

const never = -1

type trial struct {
	disk   *Disk
	start  func() Case
	report Report
}

func (t *trial) count(which func(Case) func(*Process)) int {
	p := t.disk.Clone().Process()
	which(t.start())(p)
	return len(p.Ops())
}

// crash kills Run before its call cut and then cuts the power. Before call beside of Run it carries out Beside; or it
// carries out Beside and, before call within of that, Run.
func (t *trial) crash(cut, beside, within int) {
	c, disk := t.start(), t.disk.Clone()
	runner, other := disk.Process(), disk.Process()
	runner.Watch(func(op Op) *Fault {
		if op.N == beside {
			c.Beside(other)
		}
		if op.N == cut {
			runner.Kill()
		}
		return nil
	})
	if within == never {
		c.Run(runner)
	} else {
		other.Watch(func(op Op) *Fault {
			if op.N == within {
				c.Run(runner)
			}
			return nil
		})
		c.Beside(other)
	}
	if beside == len(runner.Ops()) {
		c.Beside(other)
	}
	t.reboot(disk, c, func() string {
		return fmt.Sprintf("cut at %d of %v, beside at %d, within %d", cut, runner.Ops(), beside, within)
	})
}

func (t *trial) fail(at int, fault *Fault) {
	c, disk := t.start(), t.disk.Clone()
	runner := disk.Process()
	runner.Watch(func(op Op) *Fault {
		if op.N == at {
			return fault
		}
		return nil
	})
	c.Run(runner)
	where := func() string { return fmt.Sprintf("failed at %d of %v, done: %v", at, runner.Ops(), fault.Done) }
	t.check(disk.Clone(), c, where)
	t.reboot(disk, c, where)
}

func (t *trial) reboot(disk *Disk, c Case, where func() string) {
	t.report.Stops++
	for _, loss := range disk.Losses() {
		t.check(disk.Reboot(loss), c, func() string { return fmt.Sprintf("%s; %v", where(), loss) })
	}
}

func (t *trial) check(disk *Disk, c Case, where func() string) {
	t.report.Reboots++
	err := c.Check(disk)
	if err == nil {
		return
	}
	t.report.Failures++
	if t.report.First == nil {
		t.report.First = fmt.Errorf("%s: %w", where(), err)
	}
}
