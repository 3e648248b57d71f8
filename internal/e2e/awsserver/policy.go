package awsserver

// policy is the condition of the policy that the provider's documentation has, or none.
type policy struct {
	on       bool
	keystore string // "" for any
	last     string // that was let through
}

// Restrict puts the documented condition on all keys: the encryption context has the two pairs of a keyring's, or the first
// of them, and no other.
func (s *Server) Restrict() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.policy.on = true
}

// RestrictToKeystore is Restrict to the keystore that was used last.
func (s *Server) RestrictToKeystore() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.policy.on, s.policy.keystore = true, s.policy.last
}

// permit refuses what the condition does not let through. The caller holds the lock.
func (s *Server) permit(action string, caller *identity, context map[string]string) *refusal {
	p, names := &s.policy, len(context)
	keystore, named := context["sealwax-keystore"]
	if _, root := context["sealwax-root"]; root {
		names--
	}
	if p.on && (!named || names != 1 || p.keystore != "" && keystore != p.keystore) {
		return refuse("AccessDeniedException", "User: %s is not authorized to perform: %s on this resource because no identity-based policy allows the %[2]s action", caller.arn, action)
	}
	p.last = keystore
	return nil
}
