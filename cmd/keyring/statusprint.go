package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/sealwax/sealwax/keystore"
)

func (c *cli) printStatus(r *status) error {
	w := c.table()
	pinned := "not pinned"
	if r.Keystore.Pinned {
		pinned = "pinned"
	}
	active := "none"
	if r.Active != nil {
		active = r.Active.String() + r.Rotation.age()
	}
	fmt.Fprintf(w, "keystore\t%s\n", r.Keystore.Path)
	fmt.Fprintf(w, "id\t%s\n", r.Keystore.ID)
	fmt.Fprintf(w, "cluster\t%s, region %s\n", r.Cluster.ID, r.Cluster.Region)
	fmt.Fprintf(w, "generation\t%d of epoch %d, written %s\n", r.Keystore.Generation, r.Keystore.Epoch, r.Keystore.Written.Format(time.RFC3339))
	fmt.Fprintf(w, "identity\t%s, %s\n", r.Keystore.Identity, pinned)
	fmt.Fprintf(w, "lease\t%s\n", leaseText(time.Duration(r.Keystore.LeaseSeconds)*time.Second))
	fmt.Fprintf(w, "active key\t%s\n", active)
	fmt.Fprintf(w, "rotation\t%s\n", c.rotationText(r.Rotation))
	fmt.Fprintf(w, "keys\t%s\n\n", r.keysByState())
	if err := w.Flush(); err != nil {
		return err
	}
	if err := c.printKEKs(r.KEKs); err != nil {
		return err
	}
	c.printGroups(r.Groups)
	for i, warning := range r.Warnings {
		if i == 0 && r.Rotation.late {
			fmt.Fprintln(c.out, c.red("warning: "+warning))
			continue
		}
		fmt.Fprintf(c.out, "%s %s\n", c.red("warning:"), warning)
	}
	return nil
}

// keysByState counts keys: "3: 1 active, 2 retired", or "none".
func (r *status) keysByState() string {
	if r.Keys == 0 {
		return "none"
	}
	var counts []string
	for state, n := range r.states {
		if n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, keystore.State(state)))
		}
	}
	return fmt.Sprintf("%d: %s", r.Keys, strings.Join(counts, ", "))
}

func (c *cli) printKEKs(keks []statusKEK) error {
	w := c.table()
	fmt.Fprintln(w, "KEK\tPROVIDER\tCONFIGURED\tSTANZA\tOWED\tKEY")
	for _, k := range keks {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Provider, configured(k), yesNo(k.Stanza), yesNo(k.Owed), keyOf(k))
	}
	return w.Flush()
}

func configured(k statusKEK) string {
	if k.Configured && !k.Active {
		return "inactive"
	}
	return yesNo(k.Configured)
}

// keyOf returns the provider's key and version.
func keyOf(k statusKEK) string {
	if k.KeyVersion == "" {
		return k.KeyID
	}
	return k.KeyID + " version " + k.KeyVersion
}
