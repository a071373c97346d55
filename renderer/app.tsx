// The page: toolbar, left panels, graph, inspector, bottom panels, status line. Every split can be dragged.
import { Tabs, Tooltip } from 'radix-ui';
import { Group, Panel, Separator } from 'react-resizable-panels';
import type { Studio } from './calls/studio.ts';
import { Section } from './controls/section.tsx';
import { StudioProvider } from './controls/studio-context.ts';
import { GraphPane } from './graph/index.tsx';
import { DropZone } from './panels/bars/drop-zone.tsx';
import { MessagesView } from './panels/bars/messages-view.tsx';
import { OfferBar } from './panels/bars/offer-bar.tsx';
import { StatusBar } from './panels/bars/status-bar.tsx';
import { Toolbar } from './panels/bars/toolbar.tsx';
import { AboutDialog } from './panels/dialogs/about-dialog.tsx';
import { ModelQuestion } from './panels/dialogs/model-question.tsx';
import { ShapesDialog } from './panels/dialogs/shapes-dialog.tsx';
import { SettingsDialog } from './panels/dialogs/settings-dialog.tsx';
import { ShortcutsDialog } from './panels/dialogs/shortcuts-dialog.tsx';
import { FilePicker } from './panels/file-picker/file-picker.tsx';
import { Palette } from './panels/palette/palette.tsx';
import { panelsAt } from './panels/index.ts';
import { useView, type BottomPanel } from './stores/view.ts';

function Left() {
  return <aside className="side left" aria-label="Project">{panelsAt('left').map(({ id, title, component: Body }) => <Section key={id} title={title} testId={`panel-${id}`}><Body /></Section>)}</aside>;
}

function Right() {
  return <>{panelsAt('right').map(({ id, title, component: Body }) => <aside key={id} className="side right" aria-label={title} data-testid={`panel-${id}`}><Body /></aside>)}</>;
}

function Bottom() {
  const bottom = useView((s) => s.bottom);
  return (
    <Tabs.Root className="results" value={bottom} onValueChange={(value) => useView.setState({ bottom: value as BottomPanel })}>
      <Tabs.List className="tabs" aria-label="Results">
        {panelsAt('bottom').map(({ id, title }) => <Tabs.Trigger key={id} value={id} className="tab" data-testid={`tab-${id}`}>{title}</Tabs.Trigger>)}
      </Tabs.List>
      {panelsAt('bottom').map(({ id, component: Body }) => <Tabs.Content key={id} value={id} className="tab-body"><Body /></Tabs.Content>)}
    </Tabs.Root>
  );
}

export function App({ studio }: { readonly studio: Studio }) {
  return (
    <StudioProvider value={studio}>
      <Tooltip.Provider delayDuration={400} disableHoverableContent>
        <div className="app">
          <Toolbar />
          <OfferBar />
          <Group className="columns" orientation="horizontal">
            <Panel id="left" defaultSize={304} minSize={250} maxSize={460} groupResizeBehavior="preserve-pixel-size"><Left /></Panel>
            <Separator className="split vertical" aria-label="Width of the project panel" />
            <Panel id="rest" minSize={500}>
              <Group orientation="vertical">
                <Panel id="upper" minSize={180}>
                  <Group orientation="horizontal">
                    <Panel id="graph" minSize={300}><main className="fill"><GraphPane /></main></Panel>
                    <Separator className="split vertical" aria-label="Width of the inspector" />
                    <Panel id="right" defaultSize={324} minSize={270} maxSize={560} groupResizeBehavior="preserve-pixel-size"><Right /></Panel>
                  </Group>
                </Panel>
                <Separator className="split horizontal" aria-label="Height of the layers panel" />
                <Panel id="bottom" defaultSize={214} minSize={90} groupResizeBehavior="preserve-pixel-size"><Bottom /></Panel>
              </Group>
            </Panel>
          </Group>
          <StatusBar />
          <MessagesView />
          <DropZone />
          <Palette />
          <FilePicker />
          <ModelQuestion />
          <ShapesDialog />
          <SettingsDialog />
          <ShortcutsDialog />
          <AboutDialog />
        </div>
      </Tooltip.Provider>
    </StudioProvider>
  );
}
