package faultfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"github.com/sealwax/sealwax/internal/durable"
)

// Op is one call to the file system.
type Op struct {
	N    int    // how many the process made before
	Call string // "open", "create", "write", "sync", "syncdir", …: the method in lower case
	Path string // the first of two
}

// String returns for instance "4: rename /d/f".
func (o Op) String() string { return fmt.Sprintf("%d: %s %s", o.N, o.Call, o.Path) }

// Fault is what becomes of a call instead of success.
type Fault struct {
	Err  error // what it returns
	Done bool  // whether it has its effect nonetheless
}

// ErrKilled is what a killed process gets from every call. It sees no more of it than a real one would.
var ErrKilled = errors.New("process was killed")

// Process is the file system as one process sees it. It implements durable.FS, and has the locks that the system
// takes from it when it ends.
type Process struct {
	disk *Disk

	mu     sync.Mutex
	ops    []Op
	watch  func(Op) *Fault
	lie    func(Op) bool
	killed bool
	held   []chan struct{}
}

// processOwner is the user and group of every process.
var processOwner = durable.Owner{User: 1000, Group: 1000}

// Process starts a process.
func (d *Disk) Process() *Process { return &Process{disk: d} }

// Watch has f called before every call of the process from now on. It may use other processes, kill this one, and return
// what is to become of the call, nil for what the disk says.
func (p *Process) Watch(f func(Op) *Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watch = f
}

// Lie makes every call that f picks succeed without doing anything. Tests of tests use it: it is as if the line with a
// sync were missing in the code.
func (p *Process) Lie(f func(Op) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lie = f
}

// Ops returns the calls so far.
func (p *Process) Ops() []Op {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.ops)
}

// Kill ends the process. What it did stays, its locks are free.
func (p *Process) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killed = true
	for _, lock := range p.held {
		<-lock
	}
	p.held = nil
}

// do carries out one call, or what becomes of it instead.
func (p *Process) do(call, path string, effect func(d *Disk) error) error {
	fault, err := p.begin(call, path)
	if err == nil && (fault == nil || fault.Done) {
		p.disk.mu.Lock()
		err = effect(p.disk)
		p.disk.mu.Unlock()
	}
	if err == nil && fault != nil {
		err = fault.Err
	}
	if err != nil {
		return &fs.PathError{Op: call, Path: path, Err: err}
	}
	return nil
}

func (p *Process) begin(call, path string) (*Fault, error) {
	p.mu.Lock()
	op := Op{len(p.ops), call, path}
	p.ops = append(p.ops, op)
	watch, lie := p.watch, p.lie
	p.mu.Unlock()
	var fault *Fault
	if watch != nil {
		fault = watch(op) // may come back to this process, and to the disk
	}
	if lie != nil && lie(op) {
		fault = &Fault{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed {
		return nil, ErrKilled
	}
	return fault, nil
}

// User returns the user of the process.
func (*Process) User() int { return processOwner.User }

// Lock waits until no process holds the lock file at path, makes it if need be, and holds it. All files here have the same
// owner, so there is nobody to give it to.
func (p *Process) Lock(ctx context.Context, path string, _ durable.Owner) (unlock func(), err error) {
	var lock chan struct{}
	err = p.do("lock", path, func(d *Disk) error {
		if _, err := d.findLocked(path); err != nil {
			if _, err := d.createLocked(path, 0o600); err != nil {
				return err
			}
		}
		if d.locks[path] == nil {
			d.locks[path] = make(chan struct{}, 1)
		}
		lock = d.locks[path]
		return nil
	})
	if err != nil {
		return nil, err
	}
	select {
	case lock <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the lock %s, which another process holds: %w", path, ctx.Err())
	}
	p.mu.Lock()
	p.held = append(p.held, lock)
	p.mu.Unlock()
	return func() { p.unlock(lock) }, nil
}

func (p *Process) unlock(lock chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.held, lock); i >= 0 { // not taken away by Kill
		p.held = slices.Delete(p.held, i, i+1)
		<-lock
	}
}
