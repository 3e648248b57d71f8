package awsserver

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"
)

// key is a KMS key in one region, or a replica of one, which then shares the material.
type key struct {
	account, region, id string
	material            *[][]byte // 32 bytes for each version
	state               string
	deletion            time.Time
	period              int // days between rotations, 0 for none
}

func (k *key) arn() string { return arn(k.account, k.region, "key/"+k.id) }

func (k *key) multiRegion() bool { return strings.HasPrefix(k.id, "mrk-") }

// CreateKey makes a key in an account's region and returns its ARN.
func (s *Server) CreateKey(account, region string) string {
	return s.add(&key{account: account, region: region, id: newID(), material: new([][]byte)})
}

// CreateMultiRegionKey makes a key that has replicas in these regions, and returns their ARNs.
func (s *Server) CreateMultiRegionKey(account string, regions ...string) []string {
	id, material := "mrk-"+strings.ReplaceAll(newID(), "-", ""), new([][]byte)
	var arns []string
	for _, region := range regions {
		arns = append(arns, s.add(&key{account: account, region: region, id: id, material: material}))
	}
	return arns
}

func (s *Server) add(k *key) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	k.state = "Enabled"
	if len(*k.material) == 0 {
		k.rotate()
	}
	s.keys[k.arn()] = k
	return k.arn()
}

func newID() string {
	b := make([]byte, 16)
	rand.Read(b) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (k *key) rotate() {
	b := make([]byte, 32)
	rand.Read(b) // never fails
	*k.material = append(*k.material, b)
}

// Alias lets alias/NAME of a key's account and region mean that key, and no other any more.
func (s *Server) Alias(name, keyARN string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.keys[keyARN]
	s.aliases[arn(k.account, k.region, name)] = keyARN
}

// Rotate gives a key new material. What the old one encrypted still opens.
func (s *Server) Rotate(keyARN string) { s.change(keyARN, (*key).rotate) }

// RotateEvery switches the automatic rotation on, for DescribeKey: no time passes here.
func (s *Server) RotateEvery(keyARN string, days int) {
	s.change(keyARN, func(k *key) { k.period = days })
}

// Enable, Disable and Delete put a key into these states, out of any other. Delete schedules it for deletion in 7 days.
func (s *Server) Enable(keyARN string)  { s.change(keyARN, func(k *key) { k.state = "Enabled" }) }
func (s *Server) Disable(keyARN string) { s.change(keyARN, func(k *key) { k.state = "Disabled" }) }
func (s *Server) Delete(keyARN string) {
	s.change(keyARN, func(k *key) { k.state, k.deletion = "PendingDeletion", time.Now().Add(7*24*time.Hour) })
}

// Empty takes a key's imported material away.
func (s *Server) Empty(keyARN string) { s.change(keyARN, func(k *key) { k.state = "PendingImport" }) }

func (s *Server) change(keyARN string, f func(*key)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.keys[keyARN])
}

// find returns the key that a caller means by an ID, an alias or the ARN of either. Without an ARN that is one of its own.
func (s *Server) find(name string, caller *identity, region string) (*key, *refusal) {
	full := name
	switch {
	case strings.HasPrefix(name, "arn:"):
	case strings.HasPrefix(name, "alias/"):
		full = arn(caller.account, region, name)
	default:
		full = arn(caller.account, region, "key/"+name)
	}
	if parts := strings.Split(full, ":"); len(parts) > 3 && parts[3] != region {
		return nil, refuse("NotFoundException", "Invalid arn %s", parts[3])
	}
	target := full
	if strings.Contains(full, ":alias/") {
		target = s.aliases[full]
	}
	k := s.keys[target]
	if k != nil && k.account != caller.account || k == nil && !strings.Contains(full, ":"+caller.account+":") {
		return nil, refuse("AccessDeniedException", "User: %s is not authorized to perform this operation on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access", caller.arn)
	}
	if k == nil {
		kind := "Key"
		if strings.Contains(full, ":alias/") {
			kind = "Alias"
		}
		return nil, refuse("NotFoundException", "%s '%s' does not exist", kind, full)
	}
	return k, nil
}

// usable refuses a key that cannot encrypt and decrypt now.
func (k *key) usable() *refusal {
	switch k.state {
	case "Enabled":
		return nil
	case "Disabled":
		return refuse("DisabledException", "%s is disabled.", k.arn())
	case "PendingImport":
		return refuse("KMSInvalidStateException", "%s is pending import.", k.arn())
	}
	return refuse("KMSInvalidStateException", "%s is pending deletion.", k.arn())
}
