//go:build !linux && !darwin

package durable

func exchange(int, string, string) error { return ErrNoExchange }
