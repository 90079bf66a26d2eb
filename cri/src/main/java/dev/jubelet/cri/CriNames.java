package dev.jubelet.cri;

import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.util.ArrayList;
import java.util.List;

/// The two names of one wire layout: `runtime.v1`, and `runtime.v1alpha2` of kubelets before 1.23.
/// Every message of v1alpha2 was compared and is a part of v1's.
public final class CriNames {
  public static final String V1 = "runtime.v1";
  public static final String V1ALPHA2 = "runtime.v1alpha2";

  private CriNames() {}

  /// The same service with the same handlers under its v1alpha2 name.
  public static ServerServiceDefinition asV1Alpha2(ServerServiceDefinition v1) {
    List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    v1.getMethods().forEach(method -> methods.add(renamed(method)));
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(older(v1.getServiceDescriptor().getName()));
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(service::addMethod);
    return service.build();
  }

  /// The same method under its v1alpha2 name.
  public static <Q, A> MethodDescriptor<Q, A> asV1Alpha2(MethodDescriptor<Q, A> v1) {
    return v1.toBuilder().setFullMethodName(older(v1.getFullMethodName())).build();
  }

  private static <Q, A> ServerMethodDefinition<Q, A> renamed(ServerMethodDefinition<Q, A> method) {
    return ServerMethodDefinition.create(
        asV1Alpha2(method.getMethodDescriptor()), method.getServerCallHandler());
  }

  private static String older(String name) {
    if (!name.startsWith(V1 + ".")) {
      throw new IllegalArgumentException(name + " is not a name of " + V1);
    }
    return V1ALPHA2 + name.substring(V1.length());
  }
}
