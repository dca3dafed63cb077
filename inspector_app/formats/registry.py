"""Every format by name. A new one is one file and one line here."""

from inspector_app.formats.base import Exporter, Importer
from inspector_app.formats.coco import export_coco, import_coco
from inspector_app.formats.cvat import import_cvat
from inspector_app.formats.cvat_writing import export_cvat
from inspector_app.formats.isat import import_isat
from inspector_app.formats.label_studio import import_label_studio
from inspector_app.formats.labelme import export_labelme, import_labelme
from inspector_app.formats.mvtec import export_mvtec
from inspector_app.formats.png_masks import export_masks, import_masks
from inspector_app.formats.voc import import_voc
from inspector_app.formats.voc_writing import export_voc
from inspector_app.formats.yolo import export_yolo_detect, export_yolo_segment, import_yolo

EXPORTERS: dict[str, Exporter] = {
    "coco": export_coco,
    "yolo-detect": export_yolo_detect,
    "yolo-segment": export_yolo_segment,
    "voc": export_voc,
    "masks": export_masks,
    "mvtec": export_mvtec,
    "labelme": export_labelme,
    "cvat": export_cvat,
}

IGNORING = frozenset({"coco", "voc", "labelme", "cvat"})
"""Formats that can say of a region that it is to be ignored."""

IMPORTERS: dict[str, Importer] = {
    "coco": import_coco,
    "yolo": import_yolo,
    "voc": import_voc,
    "masks": import_masks,
    "labelme": import_labelme,
    "cvat": import_cvat,
    "label-studio": import_label_studio,
    "isat": import_isat,
}
