/// Devices that bring and take samples, and the nodes in front of them. Packets of a device's own
/// format become frames and back; nodes find devices by their profile through [AudioDevices], so
/// that real ones can stand where [SimulatedDevice] does. Nodes run on whatever thread runs them,
/// one at a time; devices are safe from any thread. Open [AudioInputNode] first, then
/// [PacketReader] and [DeviceManager].
@org.jspecify.annotations.NullMarked
package dev.millrace.signals.device;
