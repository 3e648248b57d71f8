package aead

import (
	"syscall"
	"testing"
)

// TestPlaintextTooLong reserves 64 GiB of addresses and no memory: touching them would end the program.
func TestPlaintextTooLong(t *testing.T) {
	huge, err := syscall.Mmap(-1, 0, maxPlaintext+1, syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_NORESERVE)
	if err != nil {
		t.Fatalf("mmap: %v", err)
	}
	defer syscall.Munmap(huge)
	defer func() {
		if got := recover(); got != "aead: plaintext longer than 2^36-32 bytes" {
			t.Errorf("Seal panicked with %v", got)
		}
	}()
	newXAES(t).Seal(nil, huge, nil)
	t.Error("Seal took 2^36-31 bytes")
}
