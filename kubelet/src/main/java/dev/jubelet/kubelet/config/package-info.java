@NullMarked
package dev.jubelet.kubelet.config;

import org.jspecify.annotations.NullMarked;
