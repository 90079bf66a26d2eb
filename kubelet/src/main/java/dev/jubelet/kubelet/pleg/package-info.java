@NullMarked
package dev.jubelet.kubelet.pleg;

import org.jspecify.annotations.NullMarked;
