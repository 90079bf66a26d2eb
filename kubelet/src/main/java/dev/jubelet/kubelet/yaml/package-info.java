@NullMarked
package dev.jubelet.kubelet.yaml;

import org.jspecify.annotations.NullMarked;
