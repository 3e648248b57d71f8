package keyring_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/keyring"
	"github.com/sealwax/sealwax/keystore"
	"github.com/sealwax/sealwax/wrappers"
)

// waiting are options of a start that waits for an hour, and what it logs.
func waiting() (*keyring.Options, *logged) {
	o, log := home(), &logged{}
	o.Wait, o.Logger = time.Hour, log.logger()
	return o, log
}

func TestLoadWaitsUntilAKEKIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, a, b := keystore.NewMemory(), newEngine(t), newEngine(t)
		msg := seal(t, create(t, store, a.kek(t, "a"), b.kek(t, "b")), "x")
		a.fail(wrappers.Later)
		b.fail(wrappers.Ask)
		const outage = 3 * time.Minute
		time.AfterFunc(outage, func() { a.fail(0) })
		o, log := waiting()
		began, asked := time.Now(), a.decrypts.Load()
		mustOpen(t, load(t, store, o, a.kek(t, "a"), b.kek(t, "b")), msg, "x")

		if late := time.Since(began) - outage; late < 0 || late > 10*time.Second {
			t.Errorf("opened %v after the KEK was back, want at most 10 s", late)
		}
		tries := int(a.decrypts.Load() - asked)
		if tries < 10 || tries > 200 {
			t.Errorf("%d tries in three minutes, want one in five seconds, and more at first", tries)
		}
		if got := log.count("waiting", "kek=test.a", "engine is later", "next="); got != tries-1 {
			t.Errorf("%d lines about the %d tries of test.a that failed:\n%s", got, tries-1, log)
		}
		if next := regexp.MustCompile(`next=\S*`).FindAllString(log.String(), -1); slices.ContainsFunc(next, func(s string) bool {
			return !regexp.MustCompile(`^next=(0s|[1-9]00ms|([0-9]+m)?[0-9]+(\.[0-9])?s)$`).MatchString(s)
		}) {
			t.Errorf("pauses of more than one decimal: %v", next)
		}
		if log.count("the wait is over", "test.a", "waited=3m") != 1 {
			t.Errorf("the log does not say that the wait is over:\n%s", log)
		}
		if log.count("waiting", "kek=test.b", "engine is ask the operator", "next=") < 10 {
			t.Errorf("too little about test.b:\n%s", log)
		}
	})
}

// How soon a ring opens after its KEK is back, and how many calls a fleet makes while it waits.
func TestFleetWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const fleet, outage = 200, 3 * time.Minute
		store, e := keystore.NewMemory(), newEngine(t)
		create(t, store, e.kek(t, "a"))
		e.fail(wrappers.Later)
		time.AfterFunc(outage, func() { e.fail(0) })
		began, late := time.Now(), make(chan time.Duration)
		for range fleet {
			go func() {
				o, _ := waiting()
				r, err := keyring.Load(t.Context(), store, keks(e.kek(t, "a")), o)
				if err != nil {
					t.Error(err)
				} else {
					r.Close()
				}
				late <- time.Since(began) - outage
			}()
		}
		time.Sleep(outage - time.Minute)
		before := e.decrypts.Load()
		time.Sleep(time.Minute - time.Nanosecond)
		if got := e.decrypts.Load() - before; got > fleet*60/4 {
			t.Errorf("%d servers made %d calls in a minute, want about one each in five seconds", fleet, got)
		}
		var all []time.Duration
		for range fleet {
			all = append(all, <-late)
		}
		slices.Sort(all)
		t.Logf("opened after the KEK was back: median %v, 99th %v, last %v", all[fleet/2], all[fleet*99/100], all[fleet-1])
		if all[0] < 0 || all[fleet/2] > 5*time.Second || all[fleet-1] > 10*time.Second {
			t.Errorf("opened between %v and %v after the KEK was back, median %v; want within 10 s", all[0], all[fleet-1], all[fleet/2])
		}
	})
}

func TestAKEKThatHangsDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, hung, b := keystore.NewMemory(), newEngine(t), newEngine(t)
		create(t, store, hung.kek(t, "hung"), b.kek(t, "b"))
		for _, back := range []time.Duration{2 * time.Second, time.Minute} {
			hung.silent.Store(true)
			b.fail(wrappers.Later)
			time.AfterFunc(back, func() { b.fail(0) })
			began := time.Now()
			o, log := waiting()
			load(t, store, o, hung.kek(t, "hung", thrice), b.kek(t, "b"))
			if late := time.Since(began) - back; late > 10*time.Second {
				t.Errorf("opened %v after test.b was back, want at most 10 s:\n%s", late, log)
			}
		}
	})
}

func thrice(o *wrappers.Options) { o.Attempts = 3 }

// A KEK that took the first call and lost it is asked again when it is back.
func TestAKEKThatWasSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, e := keystore.NewMemory(), newEngine(t)
		create(t, store, e.kek(t, "a"))
		e.silent.Store(true)
		time.AfterFunc(time.Minute, func() { e.silent.Store(false) })
		began := time.Now()
		o, log := waiting()
		load(t, store, o, e.kek(t, "a", thrice))
		if late := time.Since(began) - time.Minute; late > 20*time.Second {
			t.Errorf("opened %v after the KEK answered again, want at most a call and a pause, 20 s", late)
		}
		if log.count("kek=test.a", "no answer within 10s") == 0 {
			t.Errorf("the log does not say that test.a was silent:\n%s", log)
		}
	})
}

func TestPermanentErrorsEndTheWaitAtOnce(t *testing.T) {
	type engines struct{ a, b *engine }
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, store *keystore.Memory, e engines) // before Load
		want  error
		texts []string
	}{
		{"never", func(_ *testing.T, _ *keystore.Memory, e engines) { e.a.fail(wrappers.Never); e.b.fail(wrappers.Never) },
			nil, []string{"test.a", "test.b", "engine is never"}},
		{"ask", func(_ *testing.T, _ *keystore.Memory, e engines) { e.a.fail(wrappers.Ask); e.b.fail(wrappers.Never) },
			nil, []string{"test.a", "test.b", "engine is ask"}},
		{"another root", func(_ *testing.T, _ *keystore.Memory, e engines) {
			e.a.answer.Store(&[]byte{1})
			e.b.answer.Store(&[]byte{1})
		}, nil, []string{"1 bytes instead of 121"}},
		{"damaged", func(t *testing.T, store *keystore.Memory, _ engines) { overwrite(t, store, "{}") }, keystore.ErrDamaged, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, e := keystore.NewMemory(), engines{newEngine(t), newEngine(t)}
				create(t, store, e.a.kek(t, "a"), e.b.kek(t, "b"))
				c.spoil(t, store, e)
				began, asked := time.Now(), e.a.decrypts.Load()
				o, _ := waiting()
				err := loadErr(t, store, o, e.a.kek(t, "a"), e.b.kek(t, "b"))
				if c.want == nil {
					c.want = err
				}
				wantError(t, err, c.want, c.texts...)
				if took := time.Since(began); took != 0 {
					t.Errorf("it took %v", took)
				}
				if got := e.a.decrypts.Load() - asked; got > 1 {
					t.Errorf("test.a was asked %d times", got)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		o, _ := waiting()
		store, e := keystore.NewMemory(), newEngine(t)
		wantError(t, loadErr(t, store, o, e.kek(t, "a")), keystore.ErrNotFound)
		create(t, store, e.kek(t, "a"))
		wantError(t, loadErr(t, store, o, e.kek(t, "other")), keyring.ErrNoKEK)
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %v", took)
		}
	})
}

// overwrite replaces what is in the store by a text.
func overwrite(t *testing.T, store keystore.Store, text string) {
	t.Helper()
	held, err := store.Read(t.Context())
	if err == nil {
		err = store.Write(t.Context(), keystore.DigestOf(held), []byte(text))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// While one KEK may come back, one that denied is asked again, since it may be mended, and one that said never is not.
func TestMixedSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, down, denied, wrong := keystore.NewMemory(), newEngine(t), newEngine(t), newEngine(t)
		create(t, store, down.kek(t, "down"), denied.kek(t, "denied"), wrong.kek(t, "wrong"))
		down.fail(wrappers.Later)
		denied.fail(wrappers.Ask)
		wrong.fail(wrappers.Never)
		time.AfterFunc(time.Minute, func() { denied.fail(0) })
		began, asked := time.Now(), wrong.decrypts.Load()
		o, log := waiting()
		r := load(t, store, o, down.kek(t, "down"), denied.kek(t, "denied"), wrong.kek(t, "wrong"))
		if late := time.Since(began) - time.Minute; late > 10*time.Second {
			t.Errorf("opened %v after the mending", late)
		}
		if got := wrong.decrypts.Load() - asked; got != 1 || log.count("kek=test.wrong") != 1 {
			t.Errorf("test.wrong was asked %d times, want once:\n%s", got, log)
		}
		r.Close()

		// The last hope goes: what remains ends the wait.
		denied.fail(wrappers.Ask)
		time.AfterFunc(time.Minute, func() { down.fail(wrappers.Never) })
		began = time.Now()
		err := loadErr(t, store, o, down.kek(t, "down"), denied.kek(t, "denied"), wrong.kek(t, "wrong"))
		wantError(t, err, err, "test.down", "test.denied", "test.wrong")
		if late := time.Since(began) - time.Minute; late < 0 || late > 10*time.Second || wrappers.ClassOf(err) != wrappers.Ask {
			t.Errorf("ended %v after nobody said later any more, with class %v", late, wrappers.ClassOf(err))
		}
	})
}

// A keystore that is wrapped for other KEKs while a ring waits is opened by them.
func TestRewrapWhileARingWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, down, b := keystore.NewMemory(), newEngine(t), newEngine(t)
		writer := create(t, store, down.kek(t, "down"), b.kek(t, "b"))
		down.fail(wrappers.Later)
		b.fail(wrappers.Never)
		time.AfterFunc(time.Minute, func() {
			b.fail(0)
			if _, err := writer.Rewrap(t.Context(), b.kek(t, "b")); err != nil {
				t.Error(err)
			}
		})
		began := time.Now()
		o, _ := waiting()
		r := load(t, store, o, down.kek(t, "down"), b.kek(t, "b"))
		if late := time.Since(began) - time.Minute; r.Seen().Generation != 2 || late > 10*time.Second {
			t.Errorf("opened generation %d, %v after it was written", r.Seen().Generation, late)
		}
	})
}

func TestAStoreThatFailsEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, e := keystore.NewMemory(), newEngine(t)
		create(t, store, e.kek(t, "a"))
		e.fail(wrappers.Later)
		time.AfterFunc(time.Minute, func() { overwrite(t, store, "{}") })
		began := time.Now()
		o, _ := waiting()
		wantError(t, loadErr(t, store, o, e.kek(t, "a")), keystore.ErrDamaged)
		if late := time.Since(began) - time.Minute; late > 10*time.Second {
			t.Errorf("ended %v after the damage", late)
		}
	})
}

func TestTheWaitIsOver(t *testing.T) {
	for name, fail := range map[string]func(*engine){
		"engine is later":      func(e *engine) { e.fail(wrappers.Later) },
		"1m30s have passed":    func(e *engine) { e.silent.Store(true) },
		"no answer within 10s": func(e *engine) { e.silent.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, e := keystore.NewMemory(), newEngine(t)
				r := create(t, store, e.kek(t, "a"))
				fail(e)
				o, _ := waiting()
				o.Wait = 90 * time.Second
				began := time.Now()
				err := loadErr(t, store, o, e.kek(t, "a"))
				wantError(t, err, err, "1m30s have passed while waiting", r.ID().String(), "test.a", name)
				if took := time.Since(began); took != o.Wait || wrappers.ClassOf(err) != wrappers.Later {
					t.Errorf("ended after %v with class %v", took, wrappers.ClassOf(err))
				}
			})
		})
	}
}

func TestTheWaitIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, a, hung := keystore.NewMemory(), newEngine(t), newEngine(t)
		create(t, store, a.kek(t, "a"), hung.kek(t, "hung"))
		a.fail(wrappers.Later)
		hung.silent.Store(true)
		for _, after := range []time.Duration{time.Millisecond, time.Second, time.Minute} {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(after, cancel)
			began := time.Now()
			o, _ := waiting()
			_, err := keyring.Load(ctx, store, keks(a.kek(t, "a"), hung.kek(t, "hung")), o)
			wantError(t, err, context.Canceled, "test.a", "test.hung")
			if took := time.Since(began); took != after {
				t.Errorf("cancelled after %v, returned after %v", after, took)
			}
		}
	})
}

// A person at a terminal is asked once, and while they look for their passphrase a KMS may come back.
func TestAPersonIsAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, kms, officer := keystore.NewMemory(), newEngine(t), newEngine(t)
		officer.person = true
		create(t, store, kms.kek(t, "kms"), officer.kek(t, "officer"))
		asked := officer.decrypts.Load()
		for _, person := range []func(){func() { officer.silent.Store(true) }, func() { officer.fail(wrappers.Ask) }} {
			officer.silent.Store(false)
			person()
			kms.fail(wrappers.Later)
			time.AfterFunc(time.Minute, func() { kms.fail(0) })
			began := time.Now()
			o, _ := waiting()
			load(t, store, o, officer.kek(t, "officer"), kms.kek(t, "kms"))
			if late := time.Since(began) - time.Minute; late > 10*time.Second {
				t.Errorf("opened %v after the KMS was back", late)
			}
		}
		if got := officer.decrypts.Load() - asked; got != 2 {
			t.Errorf("asked %d times in two starts", got)
		}
		// Alone, nobody else can be waited for.
		officer.silent.Store(false)
		officer.fail(wrappers.Later)
		began := time.Now()
		o, _ := waiting()
		loadErr(t, store, o, officer.kek(t, "officer"))
		if took := time.Since(began); took != 0 {
			t.Errorf("waited %v for nobody", took)
		}
	})
}

func TestWaitIsNotNegative(t *testing.T) {
	o := home()
	o.Wait = -time.Second
	err := loadErr(t, keystore.NewMemory(), o)
	if errors.Is(err, keystore.ErrNotFound) || !strings.Contains(err.Error(), "Options.Wait is -1s") {
		t.Errorf("error %v", err)
	}
}
