/// The Engine API client, the state and the image verbs against a real dockerd.
@NullMarked
package dev.jubelet.it.docker;

import org.jspecify.annotations.NullMarked;
