package dev.jubelet.kubelet.status;

/// Why a container waits.
///
/// @param reason upstream's word: CrashLoopBackOff, ErrImagePull, CreateContainerConfigError…
public record WaitingReason(String reason, String message) {}
