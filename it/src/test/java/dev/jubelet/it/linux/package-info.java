/// The kernel's calls that need root, in namespaces of their own.
@NullMarked
package dev.jubelet.it.linux;

import org.jspecify.annotations.NullMarked;
