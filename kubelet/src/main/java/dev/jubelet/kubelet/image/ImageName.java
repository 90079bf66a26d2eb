package dev.jubelet.kubelet.image;

/// shell
public record ImageName(String registry, String repository, String reference) {}
